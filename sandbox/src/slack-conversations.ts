import type { JsonObject } from './json.ts'
import { messageJson } from './slack-answer.ts'
import type { Answer } from './slack-answer.ts'
import { BOT, TEAM } from './slack-workspace.ts'
import type { SlackChannel, Workspace } from './slack-workspace.ts'

/** conversations.info: https://docs.slack.dev/reference/methods/conversations.info */
export function info(args: JsonObject, workspace: Workspace): Answer {
  const channel = visible(args, workspace)
  if (channel === undefined) return { ok: false, error: 'channel_not_found' }
  const count = args['include_num_members'] === 'true' ? { num_members: memberIds(channel).length } : {}
  return { ok: true, channel: { ...channelJson(channel), ...count } }
}

/** conversations.list: https://docs.slack.dev/reference/methods/conversations.list */
export function list(args: JsonObject, workspace: Workspace): Answer {
  const types = String(args['types'] ?? 'public_channel').split(',')
  const shown = workspace.channels.filter((channel) => {
    const type = channel.private === true ? 'private_channel' : 'public_channel'
    const archivedOk = args['exclude_archived'] !== 'true' || channel.archived !== true
    return types.includes(type) && archivedOk && isVisible(channel)
  })
  return paged(args, shown, 'channels', channelJson)
}

/** conversations.members: https://docs.slack.dev/reference/methods/conversations.members */
export function members(args: JsonObject, workspace: Workspace): Answer {
  const channel = visible(args, workspace)
  if (channel === undefined) return { ok: false, error: 'channel_not_found' }
  return paged(args, memberIds(channel), 'members', (id) => id)
}

/** conversations.history, newest first: https://docs.slack.dev/reference/methods/conversations.history */
export function history(args: JsonObject, workspace: Workspace): Answer {
  const channel = visible(args, workspace)
  if (channel === undefined) return { ok: false, error: 'channel_not_found' }
  const needed = channel.private === true ? 'groups:history' : 'channels:history'
  if (!workspace.scopes.includes(needed)) {
    return { ok: false, error: 'missing_scope', needed, provided: workspace.scopes.join(',') }
  }
  if (!channel.member) return { ok: false, error: 'not_in_channel' }
  const oldest = Number(args['oldest'] ?? 0)
  const latest = Number(args['latest'] ?? Infinity)
  const inclusive = args['inclusive'] === 'true' || args['inclusive'] === '1'
  const found = workspace.messages.toReversed().filter((message) => {
    const ts = Number(message.ts)
    const within = inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest
    return message.channel === channel.id && message.threadTs === undefined && within
  })
  const metadata = args['include_all_metadata'] === 'true' || args['include_all_metadata'] === '1'
  const page = paged(args, found, 'messages', (message) => messageJson(message, metadata))
  const more = page['response_metadata'] !== undefined
  return page.ok ? { ...page, has_more: more, pin_count: 0 } : page
}

function visible(args: JsonObject, workspace: Workspace): SlackChannel | undefined {
  // These methods take IDs only.
  const channel = workspace.channels.find(({ id }) => id === args['channel'])
  return channel !== undefined && isVisible(channel) ? channel : undefined
}

// To a bot that is not in it, a private channel does not exist.
function isVisible(channel: SlackChannel): boolean {
  return channel.private !== true || channel.member
}

function memberIds(channel: SlackChannel): readonly string[] {
  return ['U0000000002', ...(channel.member ? [BOT.user] : [])]
}

function paged<Item>(
  args: JsonObject,
  items: readonly Item[],
  key: string,
  show: (item: Item) => unknown,
): Answer {
  const limit = Number(args['limit'] ?? 100)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) return { ok: false, error: 'invalid_limit' }
  const cursor = String(args['cursor'] ?? '')
  const position = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1]
  if (cursor !== '' && position === undefined) return { ok: false, error: 'invalid_cursor' }
  const start = Number(position ?? 0)
  const end = start + limit
  const next = end < items.length ? Buffer.from(`next:${end}`).toString('base64') : ''
  const metadata = next !== '' || key !== 'messages' ? { response_metadata: { next_cursor: next } } : {}
  return { ok: true, [key]: items.slice(start, end).map(show), ...metadata }
}

function channelJson(channel: SlackChannel): JsonObject {
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.private !== true,
    is_group: channel.private === true,
    is_im: false,
    is_mpim: false,
    is_private: channel.private === true,
    is_archived: channel.archived === true,
    is_general: channel.name === 'general',
    is_member: channel.member,
    is_shared: false,
    is_ext_shared: false,
    is_org_shared: false,
    context_team_id: TEAM.id,
    creator: 'U0000000002',
    created: 1_700_000_000,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  }
}
