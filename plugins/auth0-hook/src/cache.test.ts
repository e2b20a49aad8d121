import { describe, expect, test } from 'vitest'
import { aliveAt, expiryOf, withEntry, withoutEntry, type CacheEntries } from './cache.ts'

const MINUTE = 60_000
const record = (value: string) => ({ value, expires_at: 1 })

describe("Auth0's limits of api.cache", () => {
  const twenty: CacheEntries = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`key-${n}`, record('v')]),
  )
  test.each([
    ['a key of 65 bytes', {}, 'k'.repeat(65), 'v', 'CacheKeySizeExceeded'],
    ['a key of 33 characters of two bytes', {}, 'ä'.repeat(33), 'v', 'CacheKeySizeExceeded'],
    ['a value of 4,097 bytes', {}, 'k', 'v'.repeat(4_097), 'CacheItemSizeExceeded'],
    ['a 21st entry', twenty, 'k', 'v', 'CacheItemCountExceeded'],
    [
      '8 kB in all',
      { a: record('v'.repeat(4_096)), b: record('v'.repeat(4_000)) },
      'k',
      'v'.repeat(200),
      'CacheSizeExceeded',
    ],
  ])('%s is refused with a code', (_what, entries, key, value, code) => {
    expect(withEntry(entries, key, record(value))).toEqual({ code })
  })

  test('an entry may be replaced when there are twenty', () => {
    expect(withEntry(twenty, 'key-3', record('new'))).toMatchObject({
      entries: { 'key-3': { value: 'new' } },
    })
  })

  test('a key called __proto__ is a key', () => {
    const after = withEntry({}, '__proto__', record('v'))
    expect('entries' in after && Object.keys(after.entries)).toEqual(['__proto__'])
  })
})

describe('the life of an entry', () => {
  test.each([
    [{}, 15 * MINUTE],
    [{ ttl: 5 * MINUTE }, 5 * MINUTE],
    [{ expires_at: 7 * MINUTE }, 7 * MINUTE],
    [{ ttl: 9 * MINUTE, expires_at: 7 * MINUTE }, 7 * MINUTE],
    [{ ttl: 48 * 60 * MINUTE }, 24 * 60 * MINUTE],
  ])('of %j is %i ms', (given, lifetime) => {
    expect(expiryOf(0, given)).toBe(lifetime)
  })

  test('is over at its time', () => {
    const entries = { old: { value: 'v', expires_at: 10 }, young: { value: 'v', expires_at: 11 } }
    expect(Object.keys(aliveAt(entries, 10))).toEqual(['young'])
    expect(withoutEntry(entries, 'old')).toEqual({ young: entries.young })
  })
})
