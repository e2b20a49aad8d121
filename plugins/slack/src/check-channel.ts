import { Failure, type Finding, type Redact } from '@onsignup/core'
import { z } from 'zod'
import { isChannelId, isTemplate } from './channel.ts'
import { classify } from './classify.ts'
import type { Call, Trouble } from './client.ts'
import { readHistory } from './history.ts'
import { clean } from './text.ts'

/** What a check asks with. */
export interface Checked {
  readonly call: Call
  readonly redact: Redact
}

export interface CheckedChannel {
  readonly channel: string
  readonly scopes: readonly string[]
  /** Whether registrations go there, whose answers may be lost; alerts are sent once. */
  readonly isForEvents: boolean
}

const described = z.object({
  name: z.string().optional().catch(undefined),
  is_member: z.boolean().optional().catch(undefined),
  is_archived: z.boolean().optional().catch(undefined),
  is_private: z.boolean().optional().catch(undefined),
  is_im: z.boolean().optional().catch(undefined),
})
const conversation = z.object({ channel: described })
const conversations = z.object({
  channels: z.array(described.extend({ id: z.string().max(40) })),
  response_metadata: z.object({ next_cursor: z.string().catch('') }).catch({ next_cursor: '' }),
})

export const shown = (name: string): string => clean(name).slice(0, 80)

/** What is known of a channel without posting to it. */
export const channelFindings = async (
  checked: Checked,
  about: CheckedChannel,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const { channel, isForEvents } = about
  if (isTemplate(channel)) {
    return [{ state: 'unproved', what: `the channel depends on the event: ${channel}` }]
  }
  if (!isChannelId(channel)) return namedFindings(checked, about, signal)
  const place = await idFinding(checked, about, signal)
  return isForEvents ? [place, await historyFinding(checked, channel, signal)] : [place]
}

const unproved = (channel: string, why: string): Finding => ({
  state: 'unproved',
  what: `whether the app may post to ${channel}: ${why}`,
})

const idFinding = async (
  checked: Checked,
  { channel, scopes }: CheckedChannel,
  signal: AbortSignal,
): Promise<Finding> => {
  const reply = await checked.call('conversations.info', { channel }, signal)
  if (!reply.ok) {
    const failure = failureOf(reply.trouble, 'conversations.info', checked)
    const doubt = UNSEEN.get(failure.code)?.(scopes)
    return doubt === undefined ? found(failure) : unproved(channel, doubt)
  }
  const answer = conversation.safeParse(reply.answer)
  if (!answer.success) return unproved(channel, 'no channel in the answer')
  return joined(answer.data.channel, channel, scopes)
}

/** A page of channels, and how many are read for a name. https://docs.slack.dev/reference/methods/conversations.list (2026-11) */
const PAGE = 1_000
const MOST_PAGES = 5

const WRITE_ID = "write the channel's ID (in Slack: the channel's details, at the bottom)"

/** Looks a name up among the channels that the token sees. */
const namedFindings = async (
  checked: Checked,
  { channel, scopes, isForEvents }: CheckedChannel,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const inDoubt = (why: string): readonly Finding[] => [{ ...unproved(channel, why), mend: WRITE_ID }]
  const types = scopes.includes('groups:read') ? 'public_channel,private_channel' : 'public_channel'
  let cursor = ''
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const args = { types, limit: PAGE, ...(cursor === '' ? {} : { cursor }) }
    const reply = await checked.call('conversations.list', args, signal)
    if (!reply.ok) {
      const failure = failureOf(reply.trouble, 'conversations.list', checked)
      return inDoubt(failure.code === 'missing_scope' ? NEEDS_READ : failure.message)
    }
    const page = conversations.safeParse(reply.answer)
    if (!page.success) return inDoubt('no channels in the answer')
    const one = page.data.channels.find(({ name = '' }) => `#${name}` === channel)
    if (one !== undefined) {
      const place = joined(one, one.id, scopes)
      return isForEvents ? [place, byIdOnly(one.id)] : [place]
    }
    cursor = page.data.response_metadata.next_cursor
    if (cursor === '') return inDoubt('no channel that the token sees has this name')
  }
  return inDoubt(`it is not among the first ${PAGE * MOST_PAGES} channels`)
}

const NEEDS_READ = 'that needs the scope channels:read (groups:read for a private one)'

// A private channel is not found by a token that may not see private channels, though it may post there.
const UNSEEN = new Map<string, (scopes: readonly string[]) => string | undefined>([
  ['missing_scope', () => NEEDS_READ],
  ['method_not_supported_for_channel_type', () => 'such conversations cannot be looked up'],
  [
    'channel_not_found',
    (scopes) =>
      scopes.includes('groups:read')
        ? undefined
        : 'no public channel has this ID, and private ones need the scope groups:read to be seen',
  ],
])

export const failureOf = (trouble: Trouble, what: string, { redact }: Checked): Failure =>
  classify(trouble, { what, channelFromEvent: false, redact })

export const found = (failure: Failure): Finding => ({
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
  }: z.output<typeof described>,
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

const LOOK = 'whether a message whose answer is lost had arrived'

const byIdOnly = (id: string): Finding => ({
  state: 'unproved',
  what: `${LOOK}: a channel that is written as a name cannot always be looked into`,
  mend: `write ${id} as \`channel\``,
})

/** Reads one message, of which nothing is kept. */
const historyFinding = async (checked: Checked, channel: string, signal: AbortSignal): Promise<Finding> => {
  const read = await readHistory(checked, { channel, limit: 1 }, signal)
  if (!Failure.is(read)) {
    return { state: 'proved', what: 'the app can look whether a message whose answer is lost had arrived' }
  }
  const mend =
    read.code === 'missing_scope'
      ? 'give the app the scope channels:history (groups:history for a private channel), or a lost answer may mean a second message'
      : read.mend
  return { state: 'unproved', what: `${LOOK}: ${read.message}`, ...(mend === undefined ? {} : { mend }) }
}
