import { sampleEvent } from '@onsignup/core/testing'
import type { Store } from '@onsignup/core/engine'
import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { createSqliteStore } from './sqlite.ts'

const T0 = Date.parse(sampleEvent().receivedAt)

/** Another program that reads, of what the store cannot empty its WAL while it does. */
const startReading = (path: string): (() => void) => {
  const other = new DatabaseSync(path, { readOnly: true })
  other.exec('BEGIN; SELECT count(*) FROM events')
  return () => other.close()
}

/** A store in which one user is, by a name that nothing else holds. */
const withGertrude = async (path: string): Promise<Store> => {
  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(T0)
  const event = sampleEvent({ user: { id: 'gertrude', email: 'gertrude@example.com' } })
  const keys = { user: 'k', source: null, createdAt: null }
  await store.append([{ event, body: JSON.stringify(event), keys, deliveries: [] }])
  return store
}

const bytesOf = (path: string): string =>
  [path, `${path}-wal`]
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'latin1').toLowerCase())
    .join('')

/** As an operator does. */
const forget = async (store: Store, user: string): Promise<number> => {
  const { events } = await store.forget(user, T0)
  await store.purge()
  return events
}

test('forgetting waits for who still reads what was there', async () => {
  const path = temporaryPath()
  const store = await withGertrude(path)
  const stopReading = startReading(path)
  let isForgotten = false
  const forgetting = forget(store, 'gertrude').finally(() => {
    isForgotten = true
  })
  // A round trip to the thread that empties the WAL: forgetting has had its turn there.
  await store.event('none')
  await store.event('none')
  expect(isForgotten).toBe(false)
  stopReading()
  expect(await forgetting).toBe(1)
  expect(bytesOf(path)).not.toContain('gertrude')
})

test('forgetting says so when who reads does not end, and is done when it is said again', async () => {
  const path = temporaryPath()
  const store = await withGertrude(path)
  const stopReading = startReading(path)
  await expect(forget(store, 'gertrude')).rejects.toMatchObject({ code: 'store_unavailable' })
  stopReading()
  expect(await forget(store, 'gertrude')).toBe(0)
  expect(bytesOf(path)).not.toContain('gertrude')
})

test('no byte of a forgotten user is left in any file of the store', async () => {
  const path = temporaryPath()
  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(T0)
  const [row] = await store.register([{ name: 'chat', uses: 'slack' }])
  const connector = row?.id ?? 0
  for (let n = 0; n < 300; n += 1) {
    const name = n % 10 === 0 ? 'Gertrude-the-Forgotten' : 'Ada-the-Kept'
    const event = sampleEvent({ user: { id: `${name}-${n % 20}`, email: `${name}@Example.com` } })
    const accept = {
      event: { ...event, id: `e${n}` },
      keys: { user: `k${n}`, source: null, createdAt: null },
    }
    await store.append([
      { ...accept, body: JSON.stringify(accept.event), deliveries: [{ connector, skipped: null }] },
    ])
    const [claim] = await store.claim(connector, T0, 1)
    if (!claim) throw new Error('nothing was handed out')
    const { delivery, run } = claim
    const detail = `refused ${name}@Example.com`
    const counts = { tries: 1, unknowns: 0, strikes: 0, failingSince: T0 }
    const failed = { run, at: T0, ms: 1, outcome: 'retry', code: null, detail } as const
    const settlement = { delivery, run, counts, reason: detail, suspect: false, attempt: failed, gate: null }
    await store.settle([{ ...settlement, state: n % 3 === 0 ? 'dead' : 'open', due: T0 + n * 1_000 }])
    await store.note(delivery, failed)
  }
  expect(bytesOf(path)).toContain('gertrude-the-forgotten')
  expect(await forget(store, 'GERTRUDE-the-forgotten@example.com')).toBe(30)
  expect(bytesOf(path)).not.toContain('gertrude')
  expect(bytesOf(path)).toContain('ada-the-kept')
  const left = await store.deliveries({ state: 'dead', limit: 200 }, T0)
  expect(left.some(({ user, attempts }) => user.id.startsWith('Ada') && attempts.length === 2)).toBe(true)
})
