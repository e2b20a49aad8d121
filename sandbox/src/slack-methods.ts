import type { JsonObject } from './json.ts'
import { messageJson } from './slack-answer.ts'
import type { Answer } from './slack-answer.ts'
import { history, info, list, members } from './slack-conversations.ts'
import { draftMessage, invalid } from './slack-post.ts'
import { BOT, TEAM } from './slack-workspace.ts'
import type { Workspace } from './slack-workspace.ts'

export interface Method {
  /** One of these is enough; none: any token will do. */
  readonly scopes: readonly string[]
  /** Methods that only read take forms; arguments in a JSON body are not seen: https://docs.slack.dev/apis/web-api/#post-bodies */
  readonly json: boolean
  readonly required?: readonly string[]
  run(args: JsonObject, workspace: Workspace): Answer
}

const READ = ['channels:read', 'groups:read', 'mpim:read', 'im:read']
const HISTORY = ['channels:history', 'groups:history', 'mpim:history', 'im:history']

/** The Web API methods this double knows. */
export const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': { scopes: [], json: true, run: authTest },
  'chat.postMessage': { scopes: ['chat:write'], json: true, required: ['channel'], run: postMessage },
  'conversations.info': { scopes: READ, json: false, required: ['channel'], run: info },
  'conversations.list': { scopes: READ, json: false, run: list },
  'conversations.members': { scopes: READ, json: false, required: ['channel'], run: members },
  'conversations.history': { scopes: HISTORY, json: false, required: ['channel'], run: history },
}

/** Calls a method as Slack would: scope first, then required arguments, then the method itself. */
export function callMethod(method: Method, args: JsonObject, workspace: Workspace): Answer {
  const granted = method.scopes.length === 0 || method.scopes.some((it) => workspace.scopes.includes(it))
  if (!granted) {
    const needed = method.scopes.join(',')
    return { ok: false, error: 'missing_scope', needed, provided: workspace.scopes.join(',') }
  }
  const missing = (method.required ?? []).filter((name) => args[name] === undefined || args[name] === '')
  if (missing.length > 0) {
    const { error, details } = invalid(
      'invalid_arguments',
      missing.map((name) => `missing required field: ${name}`),
    )
    return { ok: false, error, response_metadata: details?.['response_metadata'] }
  }
  return method.run(args, workspace)
}

function authTest(): Answer {
  return {
    ok: true,
    url: TEAM.url,
    team: TEAM.name,
    user: BOT.name,
    team_id: TEAM.id,
    user_id: BOT.user,
    bot_id: BOT.id,
    is_enterprise_install: false,
  }
}

function postMessage(args: JsonObject, workspace: Workspace): Answer {
  const channel = workspace.channel(String(args['channel']))
  if (channel === undefined) return { ok: false, error: 'channel_not_found' }
  const open = channel.private !== true && workspace.scopes.includes('chat:write.public')
  if (!channel.member && !open) return { ok: false, error: 'not_in_channel' }
  if (channel.archived === true) return { ok: false, error: 'is_archived' }
  const drafted = draftMessage(args, 'api')
  if (drafted.error !== undefined) return { ok: false, error: drafted.error, ...drafted.details }
  const message = workspace.post(channel, drafted.draft)
  return { ok: true, channel: channel.id, ts: message.ts, message: messageJson(message, true) }
}
