import { sampleEvent } from '@onsignup/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { connect, type Connection } from './connection.ts'
import { createSqliteStore } from './sqlite.ts'

const NOW = Date.parse(sampleEvent().receivedAt)

const setUp = async () => {
  const path = temporaryPath()
  const store = createSqliteStore({ path })
  await store.open(NOW)
  onTestFinished(() => store.close())
  const [row] = await store.register([{ name: 'chat', uses: 'slack' }])
  const connector = row?.id ?? 0
  const second = { ...sampleEvent(), id: '00000000-0000-4000-8000-000000000002' }
  await store.append(
    [sampleEvent(), second].map((event) => ({
      event,
      body: JSON.stringify(event),
      keys: { user: event.id, source: event.id, createdAt: null },
      deliveries: [{ connector, skipped: null }],
    })),
  )
  const db: Connection = connect(path)
  onTestFinished(() => db.close())
  return { path, store, connector, db }
}

test.each([
  ['is cut short', `substr(body, 1, 100)`],
  ['is another thing', `'{"specversion":"1"}'`],
  ['is of another shape', `json_remove(body, '$.user')`],
])('a delivery whose stored event %s is dead, and holds no other back', async (_, damaged) => {
  const { path, store, connector, db } = await setUp()
  db.exec(`UPDATE bodies SET body = ${damaged} WHERE event = 1`)
  const claims = await store.claim(connector, NOW, 10)
  expect(claims.map(({ delivery }) => delivery)).toEqual([2_000])
  const [dead] = await store.deliveries({ state: 'dead', limit: 10 }, NOW)
  expect(dead).toMatchObject({ id: 1_000, reason: 'the stored event cannot be read' })
  expect(dead?.attempts).toMatchObject([{ run: 1, outcome: 'rejected', code: 'unreadable' }])
  await expect(store.event(sampleEvent().id)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining(path),
  })
})

test('a store whose tables are gone rejects with the path, the cause and what to do', async () => {
  const { path, store, connector, db } = await setUp()
  db.exec('DROP TABLE attempts; PRAGMA foreign_keys = OFF; DROP TABLE deliveries')
  const told = { code: 'store_unavailable', message: expect.stringContaining(path), cause: expect.any(Error) }
  await expect(store.claim(connector, NOW, 1)).rejects.toMatchObject(told)
  await expect(store.deliveries({ limit: 1 }, NOW)).rejects.toMatchObject(told)
})

test('a store that cannot be recovered is left unlocked', async () => {
  const { path, store, db } = await setUp()
  await store.close()
  db.exec('DROP TABLE attempts; PRAGMA foreign_keys = OFF; DROP TABLE deliveries')
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(createSqliteStore({ path }).open(NOW)).rejects.toMatchObject({ code: 'store_unavailable' })
  }
})

test('a store that another program has locked says so when it cannot write', async () => {
  const { store, db } = await setUp()
  db.exec('BEGIN IMMEDIATE')
  await expect(store.probe()).rejects.toMatchObject({
    code: 'store_unavailable',
    mend: 'close the other program that has the file open',
  })
  db.exec('ROLLBACK')
  await store.probe()
})
