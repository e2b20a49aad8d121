import type { Finding } from '@onsignup/core'
import { z } from 'zod'
import { channelFindings, failureOf, found, shown, type Checked } from './check-channel.ts'

const identity = z.object({
  team: z.string().catch('a workspace'),
  user: z.string().catch('an app'),
  response_metadata: z
    .object({ scopes: z.array(z.string()).optional().catch(undefined) })
    .catch({ scopes: undefined }),
})

/** Proves what can be proved without posting: the token, its scopes, the channels, and whether lost answers can be looked for. */
export const checkSlack = async (
  checked: Checked,
  channels: { readonly channel: string; readonly alerts: string | undefined },
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const reply = await checked.call('auth.test', {}, signal)
  if (!reply.ok) return [found(failureOf(reply.trouble, 'auth.test', checked))]
  const {
    team,
    user,
    response_metadata: { scopes },
  } = identity.parse(reply.answer)
  const token: Finding = { state: 'proved', what: `the token is ${shown(user)}'s in ${shown(team)}` }
  const { channel, alerts = channel } = channels
  const place = await channelFindings(checked, { channel, scopes: scopes ?? [], isForEvents: true }, signal)
  const ofAlerts =
    alerts === channel
      ? []
      : await channelFindings(checked, { channel: alerts, scopes: scopes ?? [], isForEvents: false }, signal)
  return [token, scopeFinding(scopes), ...place, ...ofAlerts.map(aboutAlerts)]
}

// A parked connector must pass its check before it goes on, and it can go on without its alerts.
const aboutAlerts = (finding: Finding): Finding =>
  finding.state === 'failed'
    ? { ...finding, state: 'unproved', what: `that alerts arrive: ${finding.what}` }
    : finding

const scopeFinding = (scopes: readonly string[] | undefined): Finding => {
  if (scopes === undefined) {
    return { state: 'unproved', what: 'Slack does not say which scopes the token has: chat:write is needed' }
  }
  if (scopes.includes('chat:write')) return { state: 'proved', what: 'the token may post (scope chat:write)' }
  return {
    state: 'failed',
    what: 'the token may not post: the scope chat:write is missing',
    mend: 'give the app the scope chat:write (api.slack.com/apps, OAuth & Permissions) and install it again',
  }
}
