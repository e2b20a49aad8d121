import { expect, test } from 'vitest'
import { PublishError } from '../errors.ts'
import { DEEPEST } from './clean.ts'
import { normalise } from './normalise.ts'
import { registrationEventSchema } from './schema.ts'

const RECEIVED = Date.parse('2026-01-02T03:04:06.000Z')

const eventOf = (input: unknown) => normalise(input, RECEIVED, () => 'nonce').event
const withUser = (user: object) => eventOf({ user: { id: 'u1', ...user } }).user

/** The PublishError of an input that must be refused. */
const refusal = (input: unknown): PublishError => {
  try {
    eventOf(input)
  } catch (error) {
    if (error instanceof PublishError) return error
    throw error
  }
  throw new Error('it was accepted')
}

/** The sample of Auth0's Hooks editor, as it is. */
const auth0Sample = () => ({
  user: {
    tenant: 'my-tenant',
    username: 'user1',
    email: 'user1@foo.com',
    emailVerified: true,
    phoneNumber: '1-000-000-0000',
    phoneNumberVerified: true,
    user_metadata: { hobby: 'surfing' },
    app_metadata: { plan: 'full' },
  },
  context: {
    requestLanguage: 'en-us',
    connection: {
      id: 'con_xxxxxxxxxxxxxxxx',
      name: 'Username-Password-Authentication',
      tenant: 'my-tenant',
    },
  },
})

test("Auth0's own sample is accepted as it is", () => {
  const event = eventOf(auth0Sample())
  expect(event).toMatchObject({
    specversion: '1',
    type: 'user.registered',
    receivedAt: '2026-01-02T03:04:06.000Z',
    occurredAt: '2026-01-02T03:04:06.000Z',
    source: { provider: 'auth0', verifiedBy: 'none', test: false, historical: false },
    user: {
      id: expect.stringMatching(/^derived\|/),
      tenant: 'my-tenant',
      email: 'user1@foo.com',
      emailVerified: true,
      phone: '1-000-000-0000',
      phoneVerified: true,
      user_metadata: { hobby: 'surfing' },
      app_metadata: { plan: 'full' },
    },
    context: {
      requestLanguage: 'en-us',
      connection: { name: 'Username-Password-Authentication', strategy: 'unknown' },
      webtask: {},
    },
  })
  expect(event.user).not.toHaveProperty('phoneNumber')
})

test.each([
  ["Auth0's sample", auth0Sample()],
  ['a user with an id', { user: { id: 'u1' } }],
])('what comes of %s keeps to the schema of the event', (_what, input) => {
  expect(registrationEventSchema.strict().parse(eventOf(input))).toEqual(eventOf(input))
})

test('what is not known is null, never false', () => {
  const { user, context, source } = eventOf({ user: { id: 'u1', email: '', name: null } })
  expect(user).toEqual({
    id: 'u1',
    ...Object.fromEntries(
      [
        ...['tenant', 'username', 'email', 'emailVerified', 'phone', 'phoneVerified', 'name', 'givenName'],
        ...['familyName', 'nickname', 'picture', 'locale', 'createdAt'],
      ].map((name) => [name, null]),
    ),
    isAnonymous: false,
    user_metadata: {},
    app_metadata: {},
    identities: [],
  })
  expect(context.connection).toEqual({ id: null, name: null, tenant: null, strategy: 'unknown' })
  expect(context.request).toEqual({ ip: null, userAgent: null })
  expect([context.client, context.organization, source.eventId]).toEqual([null, null, null])
})

test.each([
  ['auth0', 'database'],
  ['samlp', 'unknown'],
  [null, 'unknown'],
  ['social', 'social'],
])("a connection's strategy %s is %s here", (strategy, expected) => {
  const event = eventOf({ user: { id: 'u1', isAnonymous: null }, context: { connection: { strategy } } })
  expect(event.context.connection.strategy).toBe(expected)
  expect(event.user.isAnonymous).toBe(false)
})

test('only what has a connection and names no provider is of Auth0', () => {
  const provider = (input: object) => eventOf({ user: { id: 'u1' }, ...input }).source.provider
  expect(provider({})).toBe('custom')
  expect(provider({ context: { connection: { name: 'db' } } })).toBe('auth0')
  expect(provider({ context: { connection: { name: 'db' } }, source: { provider: 'clerk' } })).toBe('clerk')
})

test('the newer names of a phone win over their aliases', () => {
  expect(
    withUser({ phone: '1', phoneNumber: '2', phoneVerified: false, phoneNumberVerified: true }),
  ).toMatchObject({ phone: '1', phoneVerified: false })
  expect(withUser({ phoneNumber: '2', phoneNumberVerified: false })).toMatchObject({
    phone: '2',
    phoneVerified: false,
  })
})

test('everything wrong is told at once, each with its path', () => {
  const { code, problems, message } = refusal({
    user: { id: 'u1', email: 5, emailVerified: 'yes', createdAt: 'tomorrow', identities: [{ provider: 1 }] },
    context: { connection: 'db', origin: 'mars' },
  })
  expect(code).toBe('invalid')
  expect(problems.map(({ path }) => path).toSorted()).toEqual([
    'context.connection',
    'context.origin',
    'user.createdAt',
    'user.email',
    'user.emailVerified',
    'user.identities[0].provider',
  ])
  for (const { path, message: said } of problems) expect(message).toContain(`${path}: ${said}`)
})

test.each([
  [null, ''],
  ['user', ''],
  [[], ''],
  [{}, 'user'],
  [{ user: null }, 'user'],
  [{ user: [] }, 'user'],
  [{ user: {} }, 'user'],
  [{ user: { id: '', email: '', username: null } }, 'user'],
  [{ user: { name: 'Ada', nickname: 'ada' } }, 'user'],
])('%j names no user and is refused', (input, path) => {
  expect(refusal(input)).toMatchObject({ code: 'invalid', problems: [{ path }] })
})

test('without an id the user is known by the first of e-mail, phone and username, whatever their case', () => {
  const idOf = (user: object) => eventOf({ user }).user.id
  const id = idOf({ email: 'ada@example.com', phone: '1', username: 'ada' })
  expect(id).toMatch(/^derived\|.{22}$/)
  expect(idOf({ email: 'ADA@example.com' })).toBe(id)
  expect(idOf({ email: 'ada@example.com', tenant: 't' })).not.toBe(id)
  expect(idOf({ phoneNumber: '1', username: 'ada' })).toBe(idOf({ phone: '1' }))
  expect(idOf({ username: 'ada' })).not.toBe(id)
})

test.each([
  [0, '0'],
  [7, '7'],
  ['auth0|abc', 'auth0|abc'],
])('the id %j is kept as %j', (id, kept) => {
  expect(withUser({ id }).id).toBe(kept)
})

test('a number too large to be exact is no id, since two users would share it', () => {
  const parsed: unknown = JSON.parse('{"user":{"id":9007199254740993}}')
  expect(refusal(parsed).problems).toMatchObject([{ path: 'user.id' }])
  expect(refusal({ user: { id: 1.5 } }).problems).toMatchObject([{ path: 'user.id' }])
})

test.each([
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02T03:04:05+05:30', '2026-01-01T21:34:05.000Z'],
  ['2026-01-02T03:04:05.123456789-01:00', '2026-01-02T04:04:05.123Z'],
  [new Date('2026-01-02T03:04:05Z'), '2026-01-02T03:04:05.000Z'],
])('the time %o is kept in UTC', (createdAt, kept) => {
  expect(withUser({ createdAt }).createdAt).toBe(kept)
})

test.each([
  '2026-01-02',
  '2026-01-02T03:04:05',
  '2026-02-30T00:00:00Z',
  '2026-01-02T03:04:05+99:99',
  '9999-12-31T23:59:59-01:00',
  '0000-01-01T00:00:00+01:00',
  new Date(Number.NaN),
  1_767_323_045,
])('the time %o is refused', (createdAt) => {
  expect(refusal({ user: { id: 'u1', createdAt } }).problems).toMatchObject([{ path: 'user.createdAt' }])
})

test('the user registered when the provider says, else when the account was made, else when it came in', () => {
  const occurredAt = '2026-01-01T00:00:00.000Z'
  const createdAt = '2026-01-01T12:00:00.000Z'
  expect(eventOf({ occurredAt, user: { id: 'u1', createdAt } }).occurredAt).toBe(occurredAt)
  expect(eventOf({ user: { id: 'u1', createdAt } }).occurredAt).toBe(createdAt)
  expect(eventOf({ user: { id: 'u1' } }).occurredAt).toBe('2026-01-02T03:04:06.000Z')
})

test('NUL and lone surrogates, which some stores refuse, are gone from texts and keys alike', () => {
  const user = withUser({ name: 'A\0da\ud800', user_metadata: { 'k\0\udc00': ['\0x'] } })
  expect(user.name).toBe('Ada\ufffd')
  expect(user.user_metadata).toEqual({ 'k\ufffd': ['x'] })
  expect(withUser({ name: '\ud83d\ude00' }).name).toBe('😀')
})

test.each(['__proto__', '__proto__\\u0000', '\\u0000__proto__', '__pro\\u0000to__'])(
  'a key %s reaches no prototype',
  (key) => {
    const input: unknown = JSON.parse(
      `{"user":{"id":"u1","user_metadata":{"${key}":{"isAdmin":true},"kept":1}}}`,
    )
    const { user_metadata } = eventOf(input).user
    expect(user_metadata).toEqual({ kept: 1 })
    expect(Object.getPrototypeOf(user_metadata)).toBe(Object.prototype)
    expect('isAdmin' in user_metadata).toBe(false)
    expect('isAdmin' in {}).toBe(false)
  },
)

const nested = (levels: number, wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level += 1) value = wrap(value)
  return value
}

test.each([
  ['objects', (inner: unknown) => ({ inner })],
  ['lists', (inner: unknown) => [inner]],
] as const)('100 000 %s in each other are refused, not recursed into', (_what, wrap) => {
  expect(refusal({ user: { id: 'u1', user_metadata: { deep: nested(100_000, wrap) } } })).toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(`deeper than ${DEEPEST}`),
  })
})

test('what refers to itself is refused', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  expect(refusal({ user: { id: 'u1', user_metadata: { circle } } }).code).toBe('invalid')
})

test('as deep as is allowed is accepted, one deeper is not', () => {
  // The input, its user and user_metadata are the first three levels.
  const at = (levels: number) => ({
    user: { id: 'u1', user_metadata: { deep: nested(levels, (inner) => ({ inner })) } },
  })
  expect(() => eventOf(at(DEEPEST - 3))).not.toThrow()
  expect(refusal(at(DEEPEST - 2)).code).toBe('invalid')
})

test.each([[10n], [Number.NaN], [Number.POSITIVE_INFINITY], [() => {}], [Symbol('x')]])(
  'metadata that JSON cannot hold is refused: %s',
  (value) => {
    expect(refusal({ user: { id: 'u1', user_metadata: { value } } }).problems).toMatchObject([
      { path: 'user.user_metadata.value' },
    ])
  },
)

test('10 MB of metadata come through unharmed; how large an event may be is the bus to say', () => {
  const large = 'ä'.repeat(5_000_000)
  expect(withUser({ user_metadata: { large } }).user_metadata['large']).toBe(large)
})

test('the input is left as it was and shares nothing with the event', () => {
  const input = auth0Sample()
  const event = eventOf(input)
  expect(input).toEqual(auth0Sample())
  input.user.user_metadata.hobby = 'chess'
  expect(event.user.user_metadata).toEqual({ hobby: 'surfing' })
})

test('what the event has no place for is left out', () => {
  const event = eventOf({ user: { id: 'u1', password: 'hunter2' }, extra: true })
  expect(JSON.stringify(event)).not.toMatch(/hunter2|extra/)
})
