import type { JsonObject } from './json.ts'

export interface SlackChannel {
  readonly id: string
  /** Without the #. */
  readonly name: string
  /** Whether the bot is in it. */
  readonly member: boolean
  readonly private?: boolean
  readonly archived?: boolean
}

export interface SlackMessage {
  readonly channel: string
  readonly channelName: string
  readonly ts: string
  readonly text: string
  readonly blocks: readonly unknown[] | undefined
  readonly metadata: JsonObject | undefined
  readonly threadTs: string | undefined
  readonly via: 'api' | 'webhook'
  /** Every argument as it came, JSON strings unparsed. */
  readonly args: JsonObject
}

export type Draft = Pick<SlackMessage, 'text' | 'blocks' | 'metadata' | 'threadTs' | 'via' | 'args'>

export interface Workspace {
  readonly token: string
  readonly scopes: readonly string[]
  readonly channels: readonly SlackChannel[]
  readonly messages: SlackMessage[]
  channel(idOrName: string): SlackChannel | undefined
  post(channel: SlackChannel, draft: Draft): SlackMessage
}

export const TEAM = { id: 'T0000000001', name: 'Sandbox', url: 'https://sandbox.slack.com/' }
export const BOT = { id: 'B0000000001', user: 'U0000000001', app: 'A0000000001', name: 'sandbox' }

export const DEFAULT_CHANNELS: readonly SlackChannel[] = [
  { id: 'C0000000001', name: 'signups', member: true },
  { id: 'C0000000002', name: 'general', member: true },
  { id: 'C0000000003', name: 'private-not-joined', member: false, private: true },
  { id: 'C0000000004', name: 'not-joined', member: false },
  { id: 'C0000000005', name: 'archived', member: true, archived: true },
]

export const DEFAULT_SCOPES: readonly string[] = [
  'chat:write',
  'channels:read',
  'channels:history',
  'groups:read',
  'groups:history',
  'incoming-webhook',
]

/** The state of one Slack workspace: its channels, and the messages posted so far. */
export function createWorkspace(options: {
  readonly token: string
  readonly scopes: readonly string[]
  readonly channels: readonly SlackChannel[]
  readonly now: () => number
}): Workspace {
  const messages: SlackMessage[] = []
  let lastMicros = 0

  // A ts names a message, so two posts in one millisecond must differ.
  function nextTs(): string {
    lastMicros = Math.max(options.now() * 1000, lastMicros + 1)
    return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`
  }

  return {
    token: options.token,
    scopes: options.scopes,
    channels: options.channels,
    messages,
    // A private channel is reachable by its ID only: https://docs.slack.dev/reference/methods/chat.postMessage#channels
    channel: (idOrName) =>
      options.channels.find(({ id }) => id === idOrName) ??
      options.channels.find((it) => it.private !== true && it.name === idOrName.replace(/^#/, '')),
    post(channel, draft) {
      const message = { channel: channel.id, channelName: channel.name, ts: nextTs(), ...draft }
      messages.push(message)
      return message
    },
  }
}
