import { isObject, parseJson } from './json.ts'
import { draftMessage } from './slack-post.ts'
import type { SlackChannel, Workspace } from './slack-workspace.ts'

export const WEBHOOK_PATH = '/services/T0000000001/B0000000001/sandboxwebhooksecret0001'

// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
const STATUS: Readonly<Record<string, number>> = {
  ok: 200,
  action_prohibited: 403,
  posting_to_general_channel_denied: 403,
  team_disabled: 403,
  channel_not_found: 404,
  no_service: 404,
  no_service_id: 404,
  no_team: 404,
  channel_is_archived: 410,
  rollup_error: 500,
}

/** An incoming webhook's answer to a post: plain words, not JSON. */
export function answerWebhook(
  path: string,
  contentType: string,
  body: string,
  workspace: Workspace,
  channel: SlackChannel | undefined,
): Response {
  if (path !== WEBHOOK_PATH) return webhookAnswer('no_service')
  const form = contentType.startsWith('application/x-www-form-urlencoded')
  const payload = parseJson(form ? (new URLSearchParams(body).get('payload') ?? '') : body)
  if (!isObject(payload)) return webhookAnswer('invalid_payload')
  if (channel === undefined) return webhookAnswer('channel_not_found')
  if (channel.archived === true) return webhookAnswer('channel_is_archived')
  const drafted = draftMessage(payload, 'webhook')
  if (drafted.error !== undefined) return webhookAnswer(drafted.error)
  workspace.post(channel, drafted.draft)
  return webhookAnswer('ok')
}

/** The word, with the HTTP status that Slack gives it. */
export function webhookAnswer(word: string): Response {
  return new Response(word, {
    status: STATUS[word] ?? 400,
    headers: { 'content-type': 'text/html', 'x-slack-backend': 'r' },
  })
}
