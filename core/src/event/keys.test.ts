import { expect, test } from 'vitest'
import { sampleEvent } from '../testing/fakes.ts'
import { idempotencyKey } from './keys.ts'
import { normalise } from './normalise.ts'

let nonces = 0
const of = (input: object) => normalise(input, 0, () => `nonce ${(nonces += 1)}`)
const keysOf = (input: object) => of(input).keys

const hook = (user: object = {}) => ({
  user: { id: '679fb1b1', tenant: 'acme', ...user },
  context: { connection: { name: 'Username-Password-Authentication', tenant: 'acme' } },
})

const stream = (user: object = {}, source: object = {}) => ({
  source: { provider: 'auth0', eventId: 'evt_1', ...source },
  user: { id: 'auth0|679fb1b1', tenant: 'acme', createdAt: '2026-01-01T00:00:00.000Z', ...user },
})

test("the same user through Auth0's Hook, without a prefix, and its event stream, with it, is one user", () => {
  expect(keysOf(hook()).user).toBe(keysOf(stream()).user)
})

test("only Auth0's own prefix is left out", () => {
  const custom = (id: string) => keysOf({ source: { provider: 'custom' }, user: { id } }).user
  expect(custom('auth0|1')).not.toBe(custom('1'))
  expect(keysOf(stream({ id: 'google-oauth2|1' })).user).not.toBe(keysOf(stream({ id: '1' })).user)
})

test.each([
  ['another provider', { source: { provider: 'clerk' } }],
  ['another tenant', { user: { id: 'auth0|679fb1b1', tenant: 'other' } }],
  ['no tenant', { user: { id: 'auth0|679fb1b1' } }],
  ['another id', { user: { id: 'auth0|2', tenant: 'acme' } }],
  ['an anonymous account', { user: { id: 'auth0|679fb1b1', tenant: 'acme', isAnonymous: true } }],
])('%s is another user', (_what, change) => {
  expect(keysOf({ ...stream(), ...change }).user).not.toBe(keysOf(stream()).user)
})

test('without a tenant a user is still one user', () => {
  expect(keysOf({ user: { id: '1' } }).user).toBe(keysOf({ user: { id: '1', tenant: '' } }).user)
})

test("the tenant may be the user's or the connection's", () => {
  const { user, ...rest } = hook()
  expect(keysOf({ ...rest, user: { ...user, tenant: null } }).user).toBe(keysOf(hook()).user)
})

test('the name of the way in is no part of any key, so that it may be renamed', () => {
  const renamed = of(stream({}, { id: 'login' }))
  expect({ id: renamed.event.id, keys: renamed.keys }).toEqual({
    id: of(stream()).event.id,
    keys: keysOf(stream()),
  })
})

test('a redelivery has the same id and keys, and another event of the provider has others', () => {
  expect(of(stream()).event.id).toBe(of(stream()).event.id)
  expect(keysOf(stream())).toEqual(keysOf(stream()))
  expect(of(stream({}, { eventId: 'evt_2' })).event.id).not.toBe(of(stream()).event.id)
  expect(keysOf(stream({}, { eventId: 'evt_2' })).source).not.toBe(keysOf(stream()).source)
})

test("the provider's event id for another user gives the same source key, and another id", () => {
  const [one, other] = [of(stream()), of(stream({ id: 'auth0|other' }))]
  expect(other.keys.source).toBe(one.keys.source)
  expect(other.keys.user).not.toBe(one.keys.user)
  expect(other.event.id).not.toBe(one.event.id)
})

test('an id that the caller gives is only an input to the event id', () => {
  const { event, keys } = of({ id: 'mine', user: { id: '1' } })
  expect(event.source.eventId).toBe('mine')
  expect(event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/)
  expect(keys.source).toBe(keysOf({ id: 'mine', user: { id: '2' } }).source)
})

test('without an event id there is no source key, and accounts made again have other ids', () => {
  const at = (id: string, createdAt: string | null) => of({ user: { id, createdAt } })
  expect(at('1', null).keys.source).toBeNull()
  expect(at('1', null).event.id).not.toBe(at('2', null).event.id)
  expect(at('1', '2026-01-01T00:00:00Z').event.id).not.toBe(at('1', '2026-01-02T00:00:00Z').event.id)
  expect(at('1', '2026-01-01T00:00:00Z').event.id).toBe(at('1', '2026-01-01T01:00:00+01:00').event.id)
})

test('a test event is never a repeat of anything', () => {
  const [one, other] = [of(stream({}, { test: true })), of(stream({}, { test: true }))]
  expect(one.event.id).not.toBe(other.event.id)
  expect(one.keys.user).not.toBe(other.keys.user)
  expect(one.keys.source).toBeNull()
})

test('a historical event is another than the live one, of the same registration', () => {
  const [past, live] = [of(stream({}, { historical: true })), of(stream())]
  expect(past.event.id).not.toBe(live.event.id)
  expect(past.keys).toEqual(live.keys)
  expect(of(stream({}, { historical: true })).event.id).toBe(past.event.id)
})

test("the account's creation is kept as a number, or null", () => {
  expect(keysOf(stream()).createdAt).toBe(Date.parse('2026-01-01T00:00:00.000Z'))
  expect(keysOf({ user: { id: '1' } }).createdAt).toBeNull()
})

test('ids and keys stay what they were in earlier versions', () => {
  const { event, keys } = of(stream())
  expect({ id: event.id, ...keys }).toMatchInlineSnapshot(`
    {
      "createdAt": 1767225600000,
      "id": "c7834450-14c2-5435-a1d6-7c4fad183c15",
      "source": "kZmfsJwx5z6pFgm7QCpnb4",
      "user": "SCUbFhoNTMp_wif8NB-gzk",
    }
  `)
})

test('the idempotency key is the same over attempts, and another for each event, connector and generation', () => {
  const { id } = sampleEvent()
  const crm = { keyName: 'crm', uses: 'salesforce' }
  const key = idempotencyKey(id, crm, 0)
  expect(key).toMatch(/^[0-9a-f]{32}$/)
  expect(idempotencyKey(id, crm, 0)).toBe(key)
  const others = [
    idempotencyKey('other', crm, 0),
    idempotencyKey(id, { ...crm, keyName: 'crm2' }, 0),
    idempotencyKey(id, { ...crm, uses: 'slack' }, 0),
    idempotencyKey(id, crm, 1),
  ]
  expect(new Set([key, ...others]).size).toBe(5)
})
