import type { Accept, Store } from '@onsignup/core/engine'
import { sampleEvent } from '@onsignup/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { connect } from './connection.ts'
import { createSqliteStore } from './sqlite.ts'

const T0 = Date.parse(sampleEvent().receivedAt)
const EVENT = sampleEvent()

const accept = (n: number, over: Partial<Accept['keys']> = {}): Accept => {
  const event = { ...EVENT, id: `e${n}` }
  const keys = { user: `user-${n}`, source: `source-${n}`, createdAt: T0, ...over }
  return { event, body: JSON.stringify(event), keys, deliveries: [] }
}

const open = async (path: string): Promise<Store> => {
  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(T0)
  return store
}

/** How many rows each table has by which an event is found. */
const indexed = (path: string) => {
  const db = connect(path, { readOnly: true })
  onTestFinished(() => db.close())
  return () =>
    ['ledger', 'sources', 'event_ids'].map((table) => db.get(`SELECT count(*) AS n FROM ${table}`)?.['n'])
}

const fill = async (store: Store, from: number, to: number): Promise<void> => {
  for (let n = from; n < to; n += 1_000) {
    const accepts = Array.from({ length: Math.min(1_000, to - n) }, (_, more) => accept(n + more))
    await store.append(accepts)
  }
}

const answers = async (store: Store, n: number) => {
  const kinds = await store.append([
    accept(90_001, { user: `user-${n}` }),
    accept(90_002, { user: `user-${n}`, source: `source-${n}` }),
    accept(90_003, { source: `source-${n}` }),
  ])
  return { kinds: kinds.map(({ kind, id }) => `${kind} ${id}`), event: (await store.event(`e${n}`))?.id }
}

const known = (n: number) => ({
  kinds: [`duplicate e${n}`, `duplicate e${n}`, `conflict e${n}`],
  event: `e${n}`,
})

test('events are indexed when there are many, and known before, meanwhile and after', async () => {
  const path = temporaryPath()
  const store = await open(path)
  const rows = indexed(path)
  await fill(store, 0, 8_191)
  expect(rows()).toEqual([0, 0, 0])
  expect(await answers(store, 7)).toEqual(known(7))
  await fill(store, 8_191, 9_000)
  const seen = new Set<string>()
  for (let commits = 0; rows()[2] !== 9_000 && commits < 100; commits += 1) {
    expect(await answers(store, 7)).toEqual(known(7))
    expect(await answers(store, 8_999)).toEqual(known(8_999))
    seen.add(String(rows()))
  }
  expect(rows()).toEqual([9_000, 9_000, 9_000])
  // Some with each commit, not all with one.
  expect(seen.size).toBeGreaterThan(2)
  expect(await answers(store, 7)).toEqual(known(7))
})

test('what was not indexed when the process ended is known after the next start', async () => {
  const path = temporaryPath()
  const store = await open(path)
  await fill(store, 0, 8_300)
  // The process ends while some are indexed.
  await store.close()
  const again = await open(path)
  for (const n of [0, 4_000, 8_299]) expect(await answers(again, n)).toEqual(known(n))
})

test('before old events are deleted, the ledger knows all of them', async () => {
  const path = temporaryPath()
  const store = await open(path)
  const later = accept(3, { user: 'user-1', createdAt: T0 + 120_000 })
  await store.append([accept(1), accept(2), later, accept(4)])
  expect(await store.erase(T0 + 1)).toBe(3)
  expect(indexed(path)()).toEqual([3, 4, 1])
  expect((await answers(store, 2)).kinds).toEqual(known(2).kinds)
  expect(await store.event('e2')).toBeNull()
  const repeat = accept(5, { user: 'user-1', createdAt: T0 + 120_000 })
  expect(await store.append([repeat])).toEqual([{ kind: 'duplicate', id: 'e3' }])
})

test('an event whose commit fails is not taken for known', async () => {
  const store = await open(temporaryPath())
  const broken = { ...accept(1), deliveries: [{ connector: 99, skipped: null }] }
  await expect(store.append([broken])).rejects.toThrow('cannot be written')
  expect(await store.append([accept(1)])).toEqual([{ kind: 'accepted', id: 'e1', held: [] }])
  const both = await Promise.allSettled([
    store.append([{ ...broken, ...accept(2), deliveries: broken.deliveries }]),
    store.append([accept(2)]),
  ])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
})

test('however many come with each commit, few wait for their indexes', async () => {
  const path = temporaryPath()
  const store = await open(path)
  const db = connect(path, { readOnly: true })
  onTestFinished(() => db.close())
  const waiting = () =>
    Number(db.get('SELECT max(seq) - (SELECT indexed FROM engine) AS n FROM events')?.['n'])
  let most = 0
  for (let n = 0; n < 50_000; n += 1_000) {
    await fill(store, n, n + 1_000)
    most = Math.max(most, waiting())
  }
  expect(most).toBeLessThan(2 * 8_192 + 1_000)
})
