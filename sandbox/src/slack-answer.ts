import type { JsonObject } from './json.ts'
import { BOT, TEAM } from './slack-workspace.ts'
import type { SlackMessage } from './slack-workspace.ts'

/** A Web API answer; a failure too comes with HTTP 200. */
export type Answer = JsonObject & { readonly ok: boolean }

/** A stored message as chat.postMessage and conversations.history show it. */
export function messageJson(message: SlackMessage, withMetadata: boolean): JsonObject {
  return {
    user: BOT.user,
    type: 'message',
    ts: message.ts,
    bot_id: BOT.id,
    app_id: BOT.app,
    text: message.text,
    team: TEAM.id,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.blocks === undefined ? {} : { blocks: message.blocks }),
    ...(withMetadata && message.metadata !== undefined ? { metadata: message.metadata } : {}),
  }
}
