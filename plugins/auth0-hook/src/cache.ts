/** A cached value; the time in milliseconds since the epoch. */
export interface CacheRecord {
  readonly value: string
  readonly expires_at: number
}

export type CacheEntries = Readonly<Record<string, CacheRecord>>

// https://auth0.com/docs/customize/actions/limitations, 2026-06.
const LONGEST_KEY = 64
const LONGEST_VALUE = 4_096
const LONGEST_IN_ALL = 8_192
const MOST_ENTRIES = 20
const DEFAULT_LIFETIME = 15 * 60_000
const LONGEST_LIFETIME = 24 * 60 * 60_000

const bytes = (text: string): number => Buffer.byteLength(text)

/** The entries that are still alive. */
export const aliveAt = (entries: CacheEntries, now: number): CacheEntries =>
  Object.fromEntries(Object.entries(entries).filter(([, { expires_at }]) => expires_at > now))

/** When a value that is set now expires: 15 minutes from now unless told, and no later than in a day. */
export const expiryOf = (
  now: number,
  given: { ttl?: number | undefined; expires_at?: number | undefined },
): number => {
  const wanted = [given.expires_at, given.ttl === undefined ? undefined : now + given.ttl].filter(
    (time) => time !== undefined,
  )
  return Math.min(now + LONGEST_LIFETIME, ...(wanted.length > 0 ? wanted : [now + DEFAULT_LIFETIME]))
}

/** The entries with one more, or the code of the limit that it would pass. Auth0 documents that there are codes, but not which. */
export const withEntry = (
  entries: CacheEntries,
  key: string,
  record: CacheRecord,
): { readonly entries: CacheEntries } | { readonly code: string } => {
  if (bytes(key) > LONGEST_KEY) return { code: 'CacheKeySizeExceeded' }
  if (bytes(record.value) > LONGEST_VALUE) return { code: 'CacheItemSizeExceeded' }
  const after = { ...withoutEntry(entries, key), [key]: record }
  if (Object.keys(after).length > MOST_ENTRIES) return { code: 'CacheItemCountExceeded' }
  const size = Object.entries(after).reduce((sum, [name, { value }]) => sum + bytes(name) + bytes(value), 0)
  return size > LONGEST_IN_ALL ? { code: 'CacheSizeExceeded' } : { entries: after }
}

export const withoutEntry = (entries: CacheEntries, key: string): CacheEntries =>
  Object.fromEntries(Object.entries(entries).filter(([name]) => name !== key))
