import type { Failure, Finding, Redact } from '@onsignup/core'
import { z } from 'zod'
import { isChannelId, isTemplate } from './channel.ts'
import { classify } from './classify.ts'
import type { Call, Trouble } from './client.ts'
import { clean } from './text.ts'

export interface Checked {
  readonly call: Call
  readonly channel: string
  readonly redact: Redact
}

const identity = z.object({
  team: z.string().catch('a workspace'),
  user: z.string().catch('an app'),
  response_metadata: z
    .object({ scopes: z.array(z.string()).optional().catch(undefined) })
    .catch({ scopes: undefined }),
})

const conversation = z.object({
  channel: z.object({
    name: z.string().optional().catch(undefined),
    is_member: z.boolean().optional().catch(undefined),
    is_archived: z.boolean().optional().catch(undefined),
    is_private: z.boolean().optional().catch(undefined),
    is_im: z.boolean().optional().catch(undefined),
  }),
})

/** Proves what can be proved without posting: the token, its scopes, the channel. */
export const checkSlack = async (checked: Checked, signal: AbortSignal): Promise<readonly Finding[]> => {
  const reply = await checked.call('auth.test', {}, signal)
  if (!reply.ok) return [found(failureOf(reply.trouble, 'auth.test', checked))]
  const { team, user, response_metadata: more } = identity.parse(reply.answer)
  const token: Finding = { state: 'proved', what: `the token is ${shown(user)}'s in ${shown(team)}` }
  return [token, scopeFinding(more.scopes), await channelFinding(checked, more.scopes ?? [], signal)]
}

const shown = (name: string): string => clean(name).slice(0, 80)

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

const channelFinding = async (
  checked: Checked,
  scopes: readonly string[],
  signal: AbortSignal,
): Promise<Finding> => {
  const { channel } = checked
  if (isTemplate(channel)) {
    return { state: 'unproved', what: `the channel depends on the event: ${channel}` }
  }
  if (!isChannelId(channel)) {
    return {
      state: 'unproved',
      what: `whether the app may post to ${channel}: only an ID can be looked up`,
      mend: "write the channel's ID (in Slack: the channel's details, at the bottom)",
    }
  }
  const reply = await checked.call('conversations.info', { channel }, signal)
  if (!reply.ok) return infoFailed(reply.trouble, checked, scopes)
  const answer = conversation.safeParse(reply.answer)
  if (!answer.success)
    return { state: 'unproved', what: `whether the app may post to ${channel}: no channel in the answer` }
  return joined(answer.data.channel, channel, scopes)
}

const infoFailed = (trouble: Trouble, checked: Checked, scopes: readonly string[]): Finding => {
  const failure = failureOf(trouble, 'conversations.info', checked)
  const doubt = UNSEEN.get(failure.code)?.(scopes)
  if (doubt === undefined) return found(failure)
  return { state: 'unproved', what: `whether the app may post to ${checked.channel}: ${doubt}` }
}

// A private channel is not found by a token that may not see private channels, though it may post there.
const UNSEEN = new Map<string, (scopes: readonly string[]) => string | undefined>([
  ['missing_scope', () => 'that needs the scope channels:read (groups:read for a private one)'],
  ['method_not_supported_for_channel_type', () => 'such conversations cannot be looked up'],
  [
    'channel_not_found',
    (scopes) =>
      scopes.includes('groups:read')
        ? undefined
        : 'no public channel has this ID, and private ones need the scope groups:read to be seen',
  ],
])

const failureOf = (trouble: Trouble, what: string, { redact }: Checked): Failure =>
  classify(trouble, { what, channelFromEvent: false, redact })

const found = (failure: Failure): Finding => ({
  state: failure.kind === 'throttled' ? 'unproved' : 'failed',
  what: failure.message,
  ...(failure.mend === undefined ? {} : { mend: failure.mend }),
})

const joined = (
  {
    name,
    is_member: member,
    is_archived: archived,
    is_private: closed,
    is_im: direct,
  }: z.output<typeof conversation>['channel'],
  id: string,
  scopes: readonly string[],
): Finding => {
  const what = name === undefined ? id : `#${shown(name)} (${id})`
  if (archived === true) {
    return { state: 'failed', what: `${what} is archived`, mend: 'unarchive it, or write another channel' }
  }
  if (member === true || direct === true) return { state: 'proved', what: `the app is in ${what}` }
  if (closed !== true && scopes.includes('chat:write.public')) {
    return {
      state: 'proved',
      what: `the app may post to ${what} without being in it (scope chat:write.public)`,
    }
  }
  if (member === undefined)
    return { state: 'unproved', what: `whether the app is in ${what}: Slack does not say` }
  return { state: 'failed', what: `the app is not in ${what}`, mend: 'invite it there: /invite @app-name' }
}
