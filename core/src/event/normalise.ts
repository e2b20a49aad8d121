import { z } from 'zod'
import { PublishError, type Problem } from '../errors.ts'
import { cleanJson, DEEPEST } from './clean.ts'
import { isJsonObject } from './json.ts'
import { derivedUserId, eventIdentity, type EventKeys } from './keys.ts'
import { registrationEventSchema, type RegistrationEvent } from './schema.ts'

// An empty text says as little as none.
const known = (value: string | null | undefined): string | null => value || null

const text = z.string().nullish()
const flag = z.boolean().nullish()
// A larger number was rounded when it was parsed, so that two users would share it.
const id = z.preprocess(
  (value) => (Number.isSafeInteger(value) ? String(value) : value),
  z.string().max(1_024).nullish(),
)
const time = z
  .preprocess((value) => (value === '' ? null : value), z.iso.datetime({ offset: true }).nullish())
  .transform((value) => (value ? new Date(value).toISOString() : null))
  // In UTC, its year may have left the four digits of a date and time.
  .pipe(z.iso.datetime().nullable())
const metadata = z.record(z.string(), z.json())
const open = z
  .unknown()
  .optional()
  .transform((value, { issues }) => {
    if (isJsonObject(value)) return value
    if (value === undefined || value === null) return {}
    // Within the whole schema, one z.json() would take every part of it onto a path of a third of the speed.
    for (const { message, path } of metadata.safeParse(value).error?.issues ?? []) {
      issues.push({ code: 'custom', message, path, input: value })
    }
    return z.NEVER
  })
const named = z.object({ id: z.string(), name: text }).nullish()

const { connection, origin } = registrationEventSchema.shape.context.shape
const { verifiedBy } = registrationEventSchema.shape.source.shape

// Providers name hundreds of strategies; those that are not ours say nothing that a connector could use.
const strategyOf = (value: unknown): unknown => {
  if (value === 'auth0') return 'database'
  if (typeof value !== 'string') return value ?? 'unknown'
  return connection.shape.strategy.safeParse(value).success ? value : 'unknown'
}

const userInput = z.object({
  id,
  tenant: text,
  username: text,
  email: text,
  emailVerified: flag,
  phone: text,
  phoneNumber: text,
  phoneVerified: flag,
  phoneNumberVerified: flag,
  name: text,
  givenName: text,
  familyName: text,
  nickname: text,
  picture: text,
  locale: text,
  createdAt: time,
  isAnonymous: flag,
  user_metadata: open,
  app_metadata: open,
  identities: z
    .array(z.object({ provider: z.string(), userId: id, connection: text, isSocial: z.boolean().optional() }))
    .nullish(),
})

const eventInput = z.object({
  id,
  occurredAt: time,
  source: z
    .object({
      id: text,
      provider: text,
      eventType: text,
      eventId: id,
      deliveryId: text,
      verifiedBy: verifiedBy.optional(),
      test: z.boolean().optional(),
      historical: z.boolean().optional(),
    })
    .nullish(),
  user: userInput,
  context: z
    .object({
      connection: z
        .object({
          id: text,
          name: text,
          tenant: text,
          strategy: z.preprocess(strategyOf, connection.shape.strategy),
        })
        .nullish(),
      origin: origin.optional(),
      requestLanguage: text,
      request: z.object({ ip: text, userAgent: text }).nullish(),
      client: named,
      organization: named,
    })
    .nullish(),
})

type Optionally<T> = { readonly [K in keyof T]?: T[K] | undefined }
type Context = RegistrationEvent['context']

/** What `publish` takes: Auth0's `{ user, context }`, or as much of the event as is known; only `user` is needed. */
export interface RegistrationInput {
  /** The provider's own id of the event, if it has one. */
  readonly id?: string | number | null
  /** RFC 3339. */
  readonly occurredAt?: string | null
  readonly source?: Optionally<RegistrationEvent['source']>
  /** With an `id`, or one of email, phone and username. */
  readonly user: Optionally<Omit<RegistrationEvent['user'], 'id'>> & {
    readonly id?: string | number | null
    /** Auth0's name of `phone`. */
    readonly phoneNumber?: string | null
    /** Auth0's name of `phoneVerified`. */
    readonly phoneNumberVerified?: boolean | null
  }
  readonly context?: Optionally<Omit<Context, 'connection' | 'request' | 'webtask'>> & {
    readonly connection?: Optionally<Context['connection']>
    readonly request?: Optionally<Context['request']>
    readonly webtask?: unknown
  }
}

type Input = z.output<typeof eventInput>

const invalid = (problems: readonly Problem[], cause?: unknown): PublishError =>
  new PublishError(
    'invalid',
    `not a registration: ${problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')}`,
    { mend: 'send { user, context } with at least a user.id or an e-mail address', problems, cause },
  )

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a caller in code sends may throw when it is read, as a row of an ORM does. */
const read = (input: object): unknown => {
  try {
    return cleanJson(input)
  } catch (error) {
    throw invalid([{ path: '', message: 'it cannot be read' }], error)
  }
}

const parse = (input: unknown): Input => {
  if (!isObject(input)) throw invalid([{ path: '', message: 'it must be an object with a user' }])
  const clean = read(input)
  if (!isObject(clean)) {
    throw invalid([{ path: '', message: `it is nested deeper than ${DEEPEST} levels` }])
  }
  if (!('user' in clean) || !isObject(clean.user)) {
    throw invalid([{ path: 'user', message: 'it must be an object' }])
  }
  const parsed = eventInput.safeParse(clean)
  if (parsed.success) return parsed.data
  throw invalid(
    parsed.error.issues.map((issue) => ({ path: z.core.toDotPath(issue.path), message: issue.message })),
  )
}

export interface Normalised {
  readonly event: RegistrationEvent
  readonly keys: EventKeys
}

const namedOf = (
  given: z.output<typeof named>,
): { readonly id: string; readonly name: string | null } | null =>
  given ? { id: given.id, name: known(given.name) } : null

const contextOf = (given: Input['context']): RegistrationEvent['context'] => ({
  connection: {
    id: known(given?.connection?.id),
    name: known(given?.connection?.name),
    tenant: known(given?.connection?.tenant),
    strategy: given?.connection?.strategy ?? 'unknown',
  },
  origin: given?.origin ?? 'unknown',
  requestLanguage: known(given?.requestLanguage),
  request: { ip: known(given?.request?.ip), userAgent: known(given?.request?.userAgent) },
  client: namedOf(given?.client),
  organization: namedOf(given?.organization),
  webtask: {},
})

/** The user but for the id. */
const userOf = (given: Input['user']): Omit<RegistrationEvent['user'], 'id'> => ({
  tenant: known(given.tenant),
  username: known(given.username),
  email: known(given.email),
  emailVerified: given.emailVerified ?? null,
  phone: known(given.phone) ?? known(given.phoneNumber),
  phoneVerified: given.phoneVerified ?? given.phoneNumberVerified ?? null,
  name: known(given.name),
  givenName: known(given.givenName),
  familyName: known(given.familyName),
  nickname: known(given.nickname),
  picture: known(given.picture),
  locale: known(given.locale),
  createdAt: given.createdAt,
  isAnonymous: given.isAnonymous ?? false,
  user_metadata: given.user_metadata,
  app_metadata: given.app_metadata,
  identities: (given.identities ?? []).map(({ provider, userId, connection: name, isSocial }) => ({
    provider,
    userId: known(userId),
    connection: known(name),
    isSocial: isSocial ?? false,
  })),
})

/**
 * Turns a payload into the registration event and its keys; throws PublishError `invalid` with every problem.
 * `receivedAt` is epoch milliseconds; `nonce` makes test events distinct.
 */
export const normalise = (input: unknown, receivedAt: number, nonce: () => string): Normalised => {
  const given = parse(input)
  const user = userOf(given.user)
  const context = contextOf(given.context)
  const userId =
    known(given.user.id) ??
    derivedUserId(user.tenant ?? context.connection.tenant, context.connection.name, [
      user.email,
      user.phone,
      user.username,
    ])
  if (userId === undefined) {
    throw invalid([{ path: 'user', message: 'it needs an id, or an email, a phone or a username' }])
  }
  const received = new Date(receivedAt).toISOString()
  // Only Auth0's own form has a connection and no envelope; naming its realm lets all of Auth0's ways in meet.
  const fromAuth0 = context.connection.id !== null || context.connection.name !== null
  const event = {
    specversion: '1' as const,
    type: 'user.registered' as const,
    occurredAt: given.occurredAt ?? user.createdAt ?? received,
    receivedAt: received,
    source: {
      id: known(given.source?.id) ?? 'events',
      provider: known(given.source?.provider) ?? (fromAuth0 ? 'auth0' : 'custom'),
      eventType: known(given.source?.eventType),
      eventId: known(given.source?.eventId) ?? known(given.id),
      deliveryId: known(given.source?.deliveryId),
      verifiedBy: given.source?.verifiedBy ?? 'none',
      test: given.source?.test ?? false,
      historical: given.source?.historical ?? false,
    },
    user: { id: userId, ...user },
    context,
  }
  const { id: eventId, keys } = eventIdentity(event, nonce)
  return { event: { ...event, id: eventId }, keys }
}
