import { createHash } from 'node:crypto'
import type { State } from '@onsignup/core'
import { aliveAt, withEntry, withoutEntry, type CacheEntries, type CacheRecord } from './cache.ts'
import type { StateRequest } from './runner/protocol.ts'

const STORAGE = 'storage'
const CACHE = 'cache'

/** What scripts of one connector keep: a Hook's `storage` and an Action's `api.cache`. */
export interface Kept {
  answer(request: StateRequest): Promise<unknown>
  cache(): Promise<CacheEntries>
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isCacheRecord = (value: unknown): value is CacheRecord =>
  isRecord(value) && typeof value['value'] === 'string' && typeof value['expires_at'] === 'number'

const etagOf = (data: string): string => createHash('sha256').update(data).digest('base64url')

/** Keeps it in the connector's durable state. Runs at the same time take turns, so that none overwrites another's unseen. */
export const createKept = (state: State, now: () => number): Kept => {
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work)
    turn = mine.catch(() => {})
    return mine
  }

  const stored = async (): Promise<{ readonly data?: string; readonly etag: string | null }> => {
    const data = await state.get(STORAGE)
    return typeof data === 'string' ? { data, etag: etagOf(data) } : { etag: null }
  }
  const store = async ({ data, etag }: Extract<StateRequest, { op: 'storage.set' }>) => {
    const before = await stored()
    if (etag !== undefined && before.etag !== etag) return { ...before, conflict: true }
    if (data === null) {
      await state.delete(STORAGE)
      return { etag: null }
    }
    await state.set(STORAGE, data)
    return { etag: etagOf(data) }
  }
  const entries = async (): Promise<CacheEntries> => {
    const kept = await state.get(CACHE)
    const all = Object.entries<unknown>(isRecord(kept) ? kept : {}).flatMap(([key, record]) =>
      isCacheRecord(record) ? [[key, record] as const] : [],
    )
    return aliveAt(Object.fromEntries(all), now())
  }
  const saveEntries = async (after: CacheEntries): Promise<void> => {
    const plain = Object.entries(after).map(
      ([key, { value, expires_at }]) => [key, { value, expires_at }] as const,
    )
    await state.set(CACHE, Object.fromEntries(plain))
  }

  return {
    cache: entries,
    answer: (request) =>
      inTurn(async () => {
        switch (request.op) {
          case 'storage.get': {
            return stored()
          }
          case 'storage.set': {
            return store(request)
          }
          case 'cache.delete': {
            return saveEntries(withoutEntry(await entries(), request.key))
          }
          case 'cache.set': {
            const after = withEntry(await entries(), request.key, request.record)
            if ('code' in after) throw new Error(`others have filled the cache meanwhile (${after.code})`)
            return saveEntries(after.entries)
          }
        }
      }),
  }
}
