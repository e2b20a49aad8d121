import { normalise } from '@onsignup/core/engine'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { connect, type Connection } from './connection.ts'
import { migrate, MIGRATIONS } from './schema.ts'
import { createSqliteStore } from './sqlite.ts'

const database = (path = ':memory:'): Connection => {
  const db = connect(path)
  onTestFinished(() => db.close())
  return db
}

const tablesOf = (db: Connection) =>
  db.all(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).map((row) => row['name'])

test('an empty file of version 0 becomes a store of the newest version', async () => {
  const path = temporaryPath()
  const empty = database(path)
  empty.exec('VACUUM')
  expect(empty.pragma('user_version')).toBe(0)
  const store = createSqliteStore({ path })
  await store.open(0)
  await store.probe()
  await store.close()
  expect(empty.pragma('user_version')).toBe(MIGRATIONS.length)
})

test('a store of an older version keeps its rows through the migrations that it lacks', () => {
  const db = database()
  const first = 'CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1)'
  migrate(db, 'x.db', [first])
  expect(db.pragma('user_version')).toBe(1)
  migrate(db, 'x.db', [
    first,
    'ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 2',
    'UPDATE t SET b = b + 1',
  ])
  expect(db.pragma('user_version')).toBe(3)
  expect({ ...db.get('SELECT * FROM t') }).toEqual({ a: 1, b: 3 })
})

test('a migration that fails leaves the store at the version that it had', () => {
  const db = database()
  const first = 'CREATE TABLE t (a INTEGER) STRICT'
  migrate(db, 'x.db', [first])
  expect(() => migrate(db, 'x.db', [first, 'CREATE TABLE u (a INTEGER) STRICT', 'nonsense'])).toThrow(
    /nonsense/,
  )
  expect(db.pragma('user_version')).toBe(1)
  expect(tablesOf(db)).toEqual(['t'])
})

test('a store of a newer version is refused, unchanged, with the advice to update', async () => {
  const path = temporaryPath()
  const store = createSqliteStore({ path })
  await store.open(0)
  await store.close()
  const newer = MIGRATIONS.length + 1
  const db = database(path)
  db.exec(`PRAGMA user_version = ${newer}`)
  await expect(store.open(0)).rejects.toMatchObject({
    code: 'store_newer',
    message: expect.stringContaining(`${path} is of version ${newer}`),
    mend: 'update onsignup',
  })
  expect(db.pragma('user_version')).toBe(newer)
})

test.each([
  ['without a version', 'CREATE TABLE songs (title TEXT)'],
  ['of the same version', `CREATE TABLE songs (title TEXT); PRAGMA user_version = ${MIGRATIONS.length}`],
])('a database of another program %s is refused, unchanged', async (_, sql) => {
  const path = temporaryPath()
  const db = database(path)
  db.exec(sql)
  await expect(createSqliteStore({ path }).open(0)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining('of another program'),
  })
  expect(tablesOf(db)).toEqual(['songs'])
})

test('a store of before connectors could be renamed keeps them, with keys of their names', async () => {
  const path = temporaryPath()
  const db = database(path)
  migrate(db, path, MIGRATIONS.slice(0, 2))
  db.exec(`INSERT INTO connectors (name, uses, current) VALUES ('team', 'slack', 1)`)
  const store = createSqliteStore({ path })
  await store.open(0)
  expect(await store.connectors()).toMatchObject([{ name: 'team', keyName: 'team', current: true }])
  await store.close()
})

test('a store from before there were historical events knows its own as live, and backfills them', async () => {
  const path = temporaryPath()
  const db = database(path)
  migrate(db, path, MIGRATIONS.slice(0, 2))
  const { event, keys } = normalise({ user: { id: '1' } }, 0, () => 'nonce')
  const { historical: _, ...source } = event.source
  db.run(
    `INSERT INTO events VALUES (1, ?, ?, NULL, NULL, 0, '1', NULL, NULL), (2, 'other', 'k', NULL, NULL, 0, '2', NULL, NULL)`,
    event.id,
    keys.user,
  )
  db.run('INSERT INTO bodies VALUES (1, ?)', JSON.stringify({ ...event, source }))
  db.run('INSERT INTO ledger VALUES (?, ?, NULL, 0)', 'k', 'other')
  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(0)
  expect(await store.event(event.id)).toEqual(event)
  const again = { event, body: JSON.stringify(event), keys, deliveries: [] }
  expect(await store.append([again])).toEqual([{ kind: 'duplicate', id: event.id }])
  const [row] = await store.register([{ name: 'chat', uses: 'slack' }])
  expect(await store.backfill(row?.id ?? 0, { since: null, until: 1 })).toBe(1)
  expect((await store.claimIdle(row?.id ?? 0, 0, 1)).map((claim) => claim.event)).toEqual([event])
})
