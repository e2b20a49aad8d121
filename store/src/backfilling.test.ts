import { normalise, type Accept } from '@onsignup/core/engine'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { connect, type Connection } from './connection.ts'
import { createSqliteStore } from './sqlite.ts'

const ALWAYS = { since: null, until: null }

const historical = (id: string): Accept => {
  const { event, keys } = normalise({ user: { id }, source: { historical: true } }, 0, () => id)
  return { event, body: JSON.stringify(event), keys, deliveries: [] }
}

/** A store with so many historical events, its one connector, and the same file as a program beside it sees it. */
const opened = async (count: number) => {
  const path = temporaryPath()
  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(0)
  const [row] = await store.register([{ name: 'chat', uses: 'slack' }])
  await store.append(Array.from({ length: count }, (_, n) => historical(`u${n}`)))
  return { path, store, connector: row?.id ?? 0 }
}

const beside = (path: string): Connection => {
  const db = connect(path)
  onTestFinished(() => db.close())
  return db
}

test('others write between the slices of a backfill, and what comes meanwhile is not waited for', async () => {
  const { store, connector } = await opened(5_000)
  const over = new AbortController()
  const adding = store.backfill(connector, ALWAYS).finally(() => over.abort())
  let written = 0
  while (!over.signal.aborted) {
    await store.append([historical(`between ${written}`)])
    written += 1
  }
  expect(await adding).toBe(5_000)
  expect(written).toBeGreaterThan(3)
  expect(await store.countMissing(connector, ALWAYS)).toBe(written)
})

test('an event that cannot be read is in no period, and without one says so of its delivery', async () => {
  const { path, store, connector } = await opened(3)
  const db = beside(path)
  db.run(`UPDATE bodies SET body = '{"half' WHERE event = 2`)
  expect(await store.countMissing(connector, { since: 0, until: null })).toBe(2)
  expect(await store.backfill(connector, ALWAYS)).toBe(3)
  const users = async () => (await store.claimIdle(connector, 0, 1)).map(({ event }) => event.user.id)
  // One that nobody can read hides none behind it.
  expect([await users(), await users(), await users()]).toEqual([['u0'], ['u2'], []])
  const [dead] = await store.deliveries({ state: 'dead', limit: 1 }, 0)
  expect(dead?.reason).toBe('the stored event cannot be read')
})

test('a backfill adds nothing while the disk is too full for events, and goes on where it was', async () => {
  const path = temporaryPath()
  const sizes = { size: 1e12, free: 1e12 }
  const store = createSqliteStore({ path, disk: () => sizes })
  onTestFinished(() => store.close())
  await store.open(0)
  const [row] = await store.register([{ name: 'chat', uses: 'slack' }])
  await store.append([historical('u')])
  sizes.free = 0
  await expect(store.backfill(row?.id ?? 0, ALWAYS)).rejects.toMatchObject({ code: 'store_unavailable' })
  sizes.free = 1e12
  expect(await store.backfill(row?.id ?? 0, ALWAYS)).toBe(1)
})

test('what is handed out when nothing else is due is sought alone, before a backlog and behind it', async () => {
  const { path } = await opened(0)
  const db = beside(path)
  const plan = (due: string) =>
    db
      .all(
        `EXPLAIN QUERY PLAN SELECT id FROM deliveries
         WHERE connector = 1 AND state = 'open' AND held = 0 AND ${due} LIMIT 5`,
      )
      .map((step) => step['detail'])
      .join('\n')
  for (const due of ['due = -1 ORDER BY id', 'due > -1 AND due <= 5 ORDER BY due, id']) {
    expect(plan(due), due).toMatch(
      /^SEARCH deliveries USING COVERING INDEX deliveries_due \(connector=\? AND due[=>]/,
    )
    expect(plan(due), due).not.toMatch(/TEMP B-TREE/)
  }
})
