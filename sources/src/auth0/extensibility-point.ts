import { randomUUID } from 'node:crypto'
import { secretTest } from '@onsignup/core'
import type { Acceptance, Answer, Endpoint, Head, Reading, Received, Refusal } from '../contract.ts'
import { id, isObject, parsed, withoutSecrets, type JsonObject } from '../json.ts'
import { sourceOf, type Settings } from './item.ts'

/** What the extensibility point says, v6 since 2020-05. */
export type Protocol = 'v5' | 'v6'

const BEARER = /^bearer (.+)$/i

const refusal = (status: number, code: string, title: string): Refusal => ({
  kind: 'refused',
  status,
  code,
  title,
})

const invalid = (part: string): Refusal =>
  refusal(400, 'invalid', `${part} received by extensibility point is not an object`)

/** As the reference has it: an array is an object too, and holds nothing that is asked for. */
const isReferenceObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null

const NAMES = ['id', 'email', 'phone', 'phoneNumber', 'username']

/** Auth0's users all have a name; what has none, as an empty user, is nobody that was ever seen. */
const isNobody = (user: JsonObject): boolean => NAMES.every((name) => id(user[name]) === null)

/** The checks of auth0-ext-compilers 6.1.0 (lib/compilers/user-registration.js), in its order. */
const readBody = ({ body: bytes }: Received, settings: Settings): Reading | Refusal => {
  const body = parsed(new TextDecoder().decode(bytes))
  if (!isReferenceObject(body)) return invalid('Body')
  const { user, context } = body
  if (!isReferenceObject(user)) return invalid('Body.user')
  if (!isReferenceObject(context)) return invalid('Body.context')
  const { connection } = context
  if (!isReferenceObject(connection)) return invalid('Body.context.connection')
  const registration = {
    source: sourceOf(settings, { eventType: 'post-user-registration', eventId: null }),
    user: { tenant: settings.tenant, ...user, ...(isNobody(user) && { id: `nobody|${randomUUID()}` }) },
    context: { ...context, connection: isObject(connection) ? connection : {} },
  }
  const found = { registration, eventId: null, payload: withoutSecrets({ user, context }) }
  return { kind: 'read', registrations: [found], ignored: 0, unreadable: [] }
}

/** What the caller of the point is told. */
export type Said =
  | { readonly status: 'success'; readonly data?: unknown }
  /** The properties of an Error. */
  | { readonly status: 'error'; readonly data: Readonly<Record<string, unknown>> }

/** An Error as the protocol shows it; the stack without the frames, which are nobody's business. */
const saidOf = (came: Acceptance | Refusal): Said =>
  came.kind === 'taken'
    ? { status: 'success', data: {} }
    : {
        status: 'error',
        data: {
          stack: `Error: ${came.title}`,
          message: came.title,
          ...(came.code === 'unauthorized' && { statusCode: 500 }),
        },
      }

const JSON_HEADERS = { 'Content-Type': 'application/json' }

const answerWith: Record<Protocol, (said: Said) => { status: number; body: unknown }> = {
  v6: (said) => ({
    status: 200,
    body: said.status === 'success' ? { statusCode: 200, headers: {}, ...said } : said,
  }),
  v5: ({ status, data }) =>
    status === 'success'
      ? { status: 200, body: data ?? {} }
      : { status: 500, body: { ...data, statusCode: 500 } },
}

/** An answer in the point's words. */
export const answerSaid = (protocol: Protocol, said: Said): Answer => {
  const { status, body } = answerWith[protocol](said)
  return { status, headers: JSON_HEADERS, body: JSON.stringify(body) }
}

/** What HTTP refused and not the point: the protocol has no word for it, and a fault of ours shall be sent again. */
const OF_HTTP: ReadonlySet<number> = new Set([405, 413, 503])

const answer = (protocol: Protocol, came: Acceptance | Refusal): Answer => {
  const said = answerSaid(protocol, saidOf(came))
  if (came.kind === 'taken') return said
  const { status, headers } = came
  return { ...said, headers: { ...said.headers, ...headers }, ...(OF_HTTP.has(status) && { status }) }
}

/** What the endpoint is made of. */
export interface Point {
  /** Null: whoever reaches it may call it. */
  readonly token: string | null
  readonly protocol: Protocol
  readonly largestBody: number
  readonly settings: Settings
}

/**
 * The extensibility point of Auth0's Hooks: `POST /auth0/post-user-registration` with `{ user, context }`. No connector
 * has run when it answers, so that the data of a success is always empty.
 */
export const extensibilityPoint = ({ token, protocol, largestBody, settings }: Point): Required<Endpoint> => {
  const isToken = token === null ? null : secretTest(token)
  return {
    path: `/${settings.name}/post-user-registration`,
    methods: ['POST'],
    largestBody,
    admit(head: Head) {
      if (isToken === null) return undefined
      const given = BEARER.exec((head.header('authorization') ?? '').trim())?.[1]
      if (given !== undefined && isToken(given)) return undefined
      return refusal(401, 'unauthorized', 'Unauthorized extensibility point')
    },
    read: (received) => readBody(received, settings),
    answer: (came) => answer(protocol, came),
  }
}
