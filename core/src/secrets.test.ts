import { expect, test } from 'vitest'
import { z } from 'zod'
import { createRedact, REDACTED, secretsOf, secretTest } from './secrets.ts'

const SECRET = 'pä"ss wörd+/1!'

const redact = createRedact([SECRET])

const base64 = (text: string) => Buffer.from(text).toString('base64')

test.each([
  ['plain', SECRET],
  ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ['URL-encoded', encodeURIComponent(SECRET)],
  ['form-encoded', new URLSearchParams({ p: SECRET }).toString().slice(2)],
  ['in base64', base64(SECRET)],
])('a secret is redacted when it is spelt %s', (_how, spelt) => {
  expect(redact(`before ${spelt} after ${spelt}`)).toBe(`before ${REDACTED} after ${REDACTED}`)
})

test.each(['', 'u', 'us', 'user', 'users'])(
  'of base64 that holds a secret after %j and before more, nothing of the secret is left',
  (user) => {
    const shown = redact(base64(`${user}:${SECRET}:and more`))
    expect(shown).toContain(REDACTED)
    expect(Buffer.from(shown.replace(REDACTED, ''), 'base64').toString()).not.toContain('wörd')
  },
)

test('base64url is redacted like base64', () => {
  const secret = '>>>???>>>???'
  const text = Buffer.from(`id:${secret}`).toString('base64url')
  expect(createRedact([secret])(text)).toContain(REDACTED)
})

test('a multi-line secret is redacted line by line too', () => {
  const redactKey = createRedact(['first line\r\nsecond line\n'])
  expect(redactKey('it says "second line"')).toBe(`it says "${REDACTED}"`)
  expect(redactKey('it says first line\\r\\nsecond line')).not.toMatch(/first|second/)
})

test('of two secrets of which one begins with the other, nothing is left', () => {
  expect(createRedact(['abcd', 'abcdefgh'])('abcdefgh abcd')).toBe(`${REDACTED} ${REDACTED}`)
})

test('values too short to be told from words, and no values, change nothing', () => {
  const text = 'a yes is a yes'
  expect(createRedact(['', 'a', 'yes'])(text)).toBe(text)
  expect(createRedact([])(text)).toBe(text)
})

test('a secret with a lone surrogate is no reason not to start', () => {
  expect(createRedact(['abcd\ud800'])('abcd\ud800')).toBe(REDACTED)
})

const secret = () => z.string().meta({ writeOnly: true })

test('secrets are found wherever the schema marks them', () => {
  const schema = z.object({
    plain: z.string(),
    top: secret(),
    optional: secret().optional(),
    nested: z.object({ inner: secret() }),
    variant: z.union([z.object({ kind: z.literal('a'), key: secret() }), z.object({ kind: z.literal('b') })]),
    nullable: secret().nullable(),
    listed: z.array(z.object({ password: secret(), user: z.string() })),
    pair: z.tuple([z.string(), secret()]),
    named: z.record(z.string(), secret()),
    whole: z.record(z.string(), z.json()).meta({ writeOnly: true }),
  })
  const found = secretsOf(schema, {
    plain: 'shown',
    top: 's-top',
    nested: { inner: 's-inner' },
    variant: { kind: 'a', key: 's-variant' },
    nullable: 's-nullable',
    listed: [{ password: 's-listed', user: 'shown' }],
    pair: ['shown', 's-pair'],
    named: { any: 's-named' },
    whole: { deep: ['s-whole', { number: 12_345_678 }] },
  })
  expect(found.toSorted()).toEqual(
    [
      '12345678',
      's-inner',
      's-listed',
      's-named',
      's-nullable',
      's-pair',
      's-top',
      's-variant',
      's-whole',
    ].toSorted(),
  )
})

test.each([[undefined], [null], ['nonsense'], [[]], [{}]])(
  'options that are %j hold no secret',
  (options) => {
    expect(secretsOf(z.object({ token: secret(), list: z.array(secret()) }), options)).toEqual([])
  },
)

test.each([
  ['Authorization: Bearer abc.def-123456 was refused', 'Authorization: Bearer [secret] was refused'],
  ['Bearer 00D000000000001!AQEAQ.planted_token', 'Bearer [secret]'],
  ['bearer abc.def', 'bearer [secret]'],
  ['Basic dXNlcjpwYXNzd29yZA==', 'Basic [secret]'],
  ['Basic dXNlcjpwYXNz', 'Basic [secret]'],
  ['basic authentication is disabled.', 'basic authentication is disabled.'],
  ['the bearer of news.', 'the bearer of news.'],
])('credentials that nobody named are redacted, prose is not: %s', (text, redacted) => {
  expect(createRedact([])(text)).toBe(redacted)
})

test('a secret is told from all else, whatever its length', () => {
  const isSecret = secretTest(SECRET)
  expect(isSecret(SECRET)).toBe(true)
  for (const other of ['', SECRET.slice(1), `${SECRET} `, SECRET.toUpperCase()]) {
    expect(isSecret(other), other).toBe(false)
  }
})
