import { z } from 'zod'
import { PublishError, type Problem } from '../errors.ts'
import { cleanJson, DEEPEST } from './clean.ts'
import { derivedUserId, eventIdentity, type EventKeys } from './keys.ts'
import { registrationEventSchema, type RegistrationEvent } from './schema.ts'

const nothing = (value: unknown): unknown => (value === '' ? null : (value ?? null))

const text = z.preprocess(nothing, z.string().nullable())
const flag = z.preprocess((value) => value ?? null, z.boolean().nullable())
// A larger number was rounded when it was parsed, so that two users would share it.
const id = z.preprocess(
  (value) => (Number.isSafeInteger(value) ? String(value) : nothing(value)),
  z.string().max(1_024).nullable(),
)
const time = z
  .preprocess(nothing, z.iso.datetime({ offset: true }).nullable())
  .transform((value) => (value === null ? null : new Date(value).toISOString()))
  // In UTC, its year may have left the four digits of a date and time.
  .pipe(z.iso.datetime().nullable())
const open = z.preprocess((value) => value ?? {}, z.record(z.string(), z.json()))
const orNothing = <S extends z.ZodType>(schema: S) => z.preprocess((value) => value ?? {}, schema)
const named = z
  .object({ id: z.string(), name: text })
  .nullish()
  .transform((value) => value ?? null)

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
  isAnonymous: z.preprocess((value) => value ?? false, z.boolean()),
  user_metadata: open,
  app_metadata: open,
  identities: z
    .array(
      z.object({ provider: z.string(), userId: id, connection: text, isSocial: z.boolean().default(false) }),
    )
    .nullish()
    .transform((value) => value ?? []),
})

const eventInput = z.object({
  id,
  occurredAt: time,
  source: orNothing(
    z.object({
      id: text,
      provider: text,
      eventType: text,
      eventId: id,
      deliveryId: text,
      verifiedBy: verifiedBy.default('none'),
      test: z.boolean().default(false),
    }),
  ),
  user: userInput,
  context: orNothing(
    z.object({
      connection: orNothing(
        z.object({
          id: text,
          name: text,
          tenant: text,
          strategy: z.preprocess(strategyOf, connection.shape.strategy),
        }),
      ),
      origin: origin.default('unknown'),
      requestLanguage: text,
      request: orNothing(z.object({ ip: text, userAgent: text })),
      client: named,
      organization: named,
    }),
  ),
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

const parse = (input: unknown): z.output<typeof eventInput> => {
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

/**
 * Turns a payload into the registration event and its keys; throws PublishError `invalid` with every problem.
 * `receivedAt` is epoch milliseconds; `nonce` makes test events distinct.
 */
export const normalise = (input: unknown, receivedAt: number, nonce: () => string): Normalised => {
  const { id: givenId, occurredAt, source, user: given, context } = parse(input)
  const { phoneNumber, phoneNumberVerified, ...user } = given
  const phone = user.phone ?? phoneNumber
  const userId =
    user.id ??
    derivedUserId(user.tenant ?? context.connection.tenant, context.connection.name, [
      user.email,
      phone,
      user.username,
    ])
  if (userId === undefined) {
    throw invalid([{ path: 'user', message: 'it needs an id, or an email, a phone or a username' }])
  }
  const received = new Date(receivedAt).toISOString()
  // Only Auth0's own form has a connection and no envelope; naming its realm lets all of Auth0's ways in meet.
  const fromAuth0 = context.connection.id !== null || context.connection.name !== null
  const provider = source.provider ?? (fromAuth0 ? 'auth0' : 'custom')
  const event = {
    specversion: '1' as const,
    type: 'user.registered' as const,
    occurredAt: occurredAt ?? user.createdAt ?? received,
    receivedAt: received,
    source: {
      ...source,
      id: source.id ?? 'events',
      provider,
      eventId: source.eventId ?? givenId,
    },
    user: { ...user, id: userId, phone, phoneVerified: user.phoneVerified ?? phoneNumberVerified },
    context: { ...context, webtask: {} },
  }
  const { id: eventId, keys } = eventIdentity(event, nonce)
  return { event: { ...event, id: eventId }, keys }
}
