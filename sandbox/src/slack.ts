import { Hono } from 'hono'
import { HTTP_KINDS, inScope, serveDouble } from './http-double.ts'
import type { RecordedRequest } from './http-double.ts'
import { isObject, parseJson } from './json.ts'
import type { JsonObject } from './json.ts'
import { createFaults } from './misbehaviour.ts'
import type { FaultHandle, SlackFault } from './misbehaviour.ts'
import { callMethod, METHODS } from './slack-methods.ts'
import type { Method } from './slack-methods.ts'
import type { Answer } from './slack-answer.ts'
import { answerWebhook, WEBHOOK_PATH, webhookAnswer } from './slack-webhook.ts'
import { createWorkspace, DEFAULT_CHANNELS, DEFAULT_SCOPES } from './slack-workspace.ts'
import type { SlackChannel, SlackMessage, Workspace } from './slack-workspace.ts'

export interface SlackOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly token?: string
  /** What the token may do. */
  readonly scopes?: readonly string[]
  /** The first one is where the incoming webhook posts. */
  readonly channels?: readonly SlackChannel[]
  /** Milliseconds since 1970. */
  readonly clock?: () => number
}

export interface SlackDouble {
  /** The base for `api_url`, such as http://127.0.0.1:4010/api/ */
  readonly url: string
  readonly webhookUrl: string
  readonly token: string
  readonly messages: readonly SlackMessage[]
  readonly requests: readonly RecordedRequest[]
  misbehave(fault: SlackFault): FaultHandle
  /** Ends all misbehaviour. */
  behave(): void
  /** Forgets messages and requests, and behaves again. */
  reset(): void
  close(): Promise<void>
}

/** Starts a stand-in for Slack's Web API and incoming webhooks on loopback. */
export async function startSlack(options: SlackOptions = {}): Promise<SlackDouble> {
  const faults = createFaults<SlackFault>()
  const workspace = createWorkspace({
    token: options.token ?? 'xoxb-sandbox-token',
    scopes: options.scopes ?? DEFAULT_SCOPES,
    channels: options.channels ?? DEFAULT_CHANNELS,
    now: options.clock ?? Date.now,
  })

  const app = new Hono()
  app.all('/api/:method', async (c) => {
    const name = c.req.param('method')
    const method = METHODS[name]
    const type = c.req.header('content-type') ?? ''
    const seen = readArguments(c.req.query(), type, await c.req.text(), method?.json ?? true)
    const token = c.req.header('authorization')?.replace(/^Bearer\s+/i, '') ?? seen.args['token']
    const accepted = method?.scopes ?? []
    const fault = faults.take(['error'], (it) => inScope(it, c.req))
    const answer =
      fault === undefined
        ? answerCall(name, method, token, seen, workspace)
        : { ok: false, error: fault.error, ...fault.details }
    return c.json(withWarning(answer, type), 200, {
      'content-type': 'application/json; charset=utf-8',
      ...(token === workspace.token ? { 'x-oauth-scopes': workspace.scopes.join(',') } : {}),
      ...(accepted.length > 0 ? { 'x-accepted-oauth-scopes': accepted.join(',') } : {}),
    })
  })
  app.post('/services/*', async (c) => {
    const fault = faults.take(['error'], (it) => inScope(it, c.req))
    if (fault !== undefined) return webhookAnswer(fault.error)
    const type = c.req.header('content-type') ?? ''
    return answerWebhook(c.req.path, type, await c.req.text(), workspace, workspace.channels[0])
  })

  const double = await serveDouble({
    port: options.port ?? 0,
    fault: (request) => faults.take(HTTP_KINDS, (it) => inScope(it, request)),
    answer: (request) => app.fetch(request),
    rateLimited: () => ({
      body: '{"ok":false,"error":"ratelimited"}',
      type: 'application/json; charset=utf-8',
    }),
  })
  return {
    url: `${double.origin}/api/`,
    webhookUrl: `${double.origin}${WEBHOOK_PATH}`,
    token: workspace.token,
    messages: workspace.messages,
    requests: double.requests,
    misbehave: (fault) => faults.add(fault),
    behave: () => faults.clear(),
    reset() {
      faults.clear()
      workspace.messages.length = 0
      double.requests.length = 0
    },
    close: () => double.close(),
  }
}

type Seen = { readonly args: JsonObject; readonly error?: string }

function answerCall(
  name: string,
  method: Method | undefined,
  token: unknown,
  seen: Seen,
  workspace: Workspace,
): Answer {
  if (method === undefined) return { ok: false, error: 'unknown_method', req_method: name }
  if (token === undefined || token === '') return { ok: false, error: 'not_authed' }
  if (token !== workspace.token) return { ok: false, error: 'invalid_auth' }
  if (seen.error !== undefined) return { ok: false, error: seen.error }
  return callMethod(method, seen.args, workspace)
}

function readArguments(query: JsonObject, type: string, body: string, jsonTaken: boolean): Seen {
  if (!type.startsWith('application/json')) {
    return { args: { ...query, ...Object.fromEntries(new URLSearchParams(body)) } }
  }
  if (!jsonTaken || body === '') return { args: query }
  const json = parseJson(body)
  if (json === undefined) return { args: query, error: 'invalid_json' }
  return isObject(json) ? { args: { ...query, ...json } } : { args: query, error: 'json_not_object' }
}

// https://docs.slack.dev/reference/methods/chat.postMessage#warnings
function withWarning(answer: Answer, type: string): JsonObject {
  const json = type.startsWith('application/json')
  const charset = type.includes('charset=')
  const warning = json && !charset ? 'missing_charset' : !json && charset ? 'superfluous_charset' : undefined
  if (warning === undefined) return answer
  const known = isObject(answer['response_metadata']) ? answer['response_metadata'] : {}
  return { ...answer, warning, response_metadata: { ...known, warnings: [warning] } }
}
