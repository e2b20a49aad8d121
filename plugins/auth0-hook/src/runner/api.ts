import { aliveAt, expiryOf, withEntry, withoutEntry, type CacheEntries, type CacheRecord } from '../cache.ts'
import type { Ask } from './webtask.ts'

const requireText = (what: string, value: unknown): string => {
  if (typeof value === 'string') return value
  throw new TypeError(`api.cache: the ${what} must be a string`)
}

const numberIn = (options: unknown, name: string): number | undefined => {
  const value: unknown =
    typeof options === 'object' && options !== null ? Reflect.get(options, name) : undefined
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

type Written =
  | { readonly type: 'success'; readonly record?: CacheRecord }
  | { readonly type: 'error'; readonly code: string }

/**
 * The `api` of a post-user-registration Action: its cache and nothing else. Its methods answer at once, as Auth0's do,
 * from what was cached when the run began and what the run has changed; changes are written while the script goes on.
 */
export const createApi = (cached: CacheEntries, ask: Ask) => {
  let entries = cached
  const alive = (): CacheEntries => {
    entries = aliveAt(entries, Date.now())
    return entries
  }
  const write = (request: Parameters<Ask>[0]): void => {
    ask(request).catch((error: unknown) => {
      console.warn('api.cache: not written: %s', error instanceof Error ? error.message : error)
    })
  }
  return {
    cache: {
      get(key: unknown): CacheRecord | undefined {
        const name = requireText('key', key)
        const found = alive()
        return Object.hasOwn(found, name) ? found[name] : undefined
      },
      set(key: unknown, value: unknown, options?: unknown): Written {
        const name = requireText('key', key)
        const given = { ttl: numberIn(options, 'ttl'), expires_at: numberIn(options, 'expires_at') }
        const record = { value: requireText('value', value), expires_at: expiryOf(Date.now(), given) }
        const after = withEntry(alive(), name, record)
        if ('code' in after) return { type: 'error', code: after.code }
        entries = after.entries
        write({ op: 'cache.set', key: name, record })
        return { type: 'success', record }
      },
      delete(key: unknown): Written {
        const name = requireText('key', key)
        if (!Object.hasOwn(alive(), name)) return { type: 'error', code: 'CacheKeyDoesNotExist' }
        entries = withoutEntry(entries, name)
        write({ op: 'cache.delete', key: name })
        return { type: 'success' }
      },
    },
  }
}
