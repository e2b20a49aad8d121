import { appendFileSync, existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { sampleEvent } from '@onsignup/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { killAtOnce, startHolder, temporaryPath } from '../test/processes.ts'
import { backupStore } from './backup.ts'
import { connect } from './connection.ts'
import { readSqliteStore } from './reader.ts'
import { MIGRATIONS } from './schema.ts'
import { createSqliteStore } from './sqlite.ts'

const NOW = Date.parse(sampleEvent().receivedAt)
const CHAT = { name: 'chat', uses: 'slack' }

const opened = async (path: string) => {
  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(NOW)
  const [row] = await store.register([CHAT])
  return { store, connector: row?.id ?? 0 }
}

/** A store with one delivery, which nobody has open. */
const closed = async () => {
  const path = temporaryPath()
  const { store, connector } = await opened(path)
  const event = sampleEvent()
  const keys = { user: 'u', source: null, createdAt: null }
  await store.append([
    { event, body: JSON.stringify(event), keys, deliveries: [{ connector, skipped: null }] },
  ])
  await store.keepRefused([{ path: '/sources/auth0', at: NOW, eventId: null, why: 'no', payload: '{}' }])
  await store.close()
  return path
}

const reading = (path: string) => {
  const reader = readSqliteStore(path)
  onTestFinished(() => reader[Symbol.dispose]())
  return reader
}

/** The files of a store and when each was last written, but SQLite's index of the WAL, which is made anew. */
const filesOf = (path: string) =>
  readdirSync(dirname(path)).map((name) => [
    name,
    name.endsWith('-shm') ? 0 : statSync(`${dirname(path)}/${name}`).mtimeMs,
  ])

test('a store that nobody has open is read, and nothing beside it is made or written', async () => {
  const path = await closed()
  const before = filesOf(path)
  const reader = reading(path)
  expect(reader.isInUse).toBe(false)
  expect(await reader.connectors()).toMatchObject([{ ...CHAT, keyName: 'chat', current: true }])
  expect(await reader.deliveries({ limit: 10 }, NOW)).toMatchObject([{ connector: 'chat', state: 'pending' }])
  expect(await reader.event(sampleEvent().id)).toEqual(sampleEvent())
  expect(await reader.listRefused({ limit: 10 })).toMatchObject([{ why: 'no' }])
  expect(filesOf(path)).toEqual(before)
  // And nobody is kept from it meanwhile.
  await opened(path)
})

test('a store is read beside the process that has it open, as that process has it', async () => {
  const path = temporaryPath()
  const holder = await startHolder(path)
  const reader = reading(path)
  expect(reader.isInUse).toBe(true)
  const states = async () => (await reader.deliveries({ limit: 10 }, Date.now())).map(({ state }) => state)
  expect(await states()).toEqual(['running', 'running'])
  await killAtOnce(holder)
})

test('what a killed process held is not said to run: it waits for the next start, and says why', async () => {
  const path = temporaryPath()
  await killAtOnce(await startHolder(path))
  const before = filesOf(path)
  const reader = reading(path)
  const now = Date.now()
  expect(reader.isInUse).toBe(false)
  const views = await reader.deliveries({ limit: 10 }, now)
  expect(views).toMatchObject(
    Array(2).fill({ state: 'pending', reason: expect.stringContaining('its process ended'), attempts: [] }),
  )
  expect(await reader.deliveries({ state: 'running', limit: 10 }, now)).toEqual([])
  expect(await reader.deliveries({ state: 'pending', limit: 10 }, now)).toEqual(views)
  expect(await reader.deliveries({ state: 'waiting', limit: 10 }, now)).toEqual([])
  expect(filesOf(path)).toEqual(before)
})

test('a store that changes while it is read as one that does not is read again', async () => {
  const path = await closed()
  const reader = reading(path)
  utimesSync(path, 1, 1)
  await expect(reader.connectors()).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining('was changed while it was read'),
    mend: 'run it again',
  })
})

test('a copy that nobody has opened yet shows its connectors paused, as whoever opens it finds them', async () => {
  const to = temporaryPath('copy.db')
  backupStore(await closed(), to, NOW + 7)
  expect(await reading(to).connectors()).toMatchObject([{ paused: NOW + 7 }])
  const store = createSqliteStore({ path: to, existing: true })
  await store.open(NOW + 9)
  const [row] = await store.connectors()
  expect(row?.paused).toBe(NOW + 7)
  // What is resumed before the first start stays so.
  await store.changeGate({ connector: row?.id ?? 0, paused: null })
  await store.close()
  const { store: started } = await opened(to)
  expect(await started.connectors()).toMatchObject([{ paused: null }])
})

test.each(['read', 'opened'] as const)('where there is no store, none is made when it is %s', async (how) => {
  const path = temporaryPath()
  const attempt = async () =>
    how === 'read' ? readSqliteStore(path) : createSqliteStore({ path, existing: true }).open(NOW)
  await expect(attempt()).rejects.toMatchObject({
    code: 'store_unavailable',
    message: `there is no store ${path}`,
  })
  writeFileSync(path, '')
  await expect(attempt()).rejects.toMatchObject({ message: `${path} is no store of onsignup` })
  expect(statSync(path).size).toBe(0)
})

test('a store of another version is left as it is', async () => {
  const path = await closed()
  const setVersion = (version: number) => {
    const db = connect(path)
    db.exec(`PRAGMA user_version = ${version}`)
    db.close()
  }
  setVersion(MIGRATIONS.length + 1)
  expect(() => readSqliteStore(path)).toThrow(expect.objectContaining({ code: 'store_newer' }))
  setVersion(MIGRATIONS.length - 1)
  expect(() => readSqliteStore(path)).toThrow(
    expect.objectContaining({
      code: 'store_unavailable',
      message: `the store ${path} is of version ${MIGRATIONS.length - 1}, and this onsignup reads version ${MIGRATIONS.length} only`,
      mend: 'start the service once, which brings it to that version',
    }),
  )
})

test('what is no database says so', () => {
  const path = temporaryPath()
  appendFileSync(path, 'this is no database, though it is long enough to be taken for one'.repeat(20))
  expect(() => readSqliteStore(path)).toThrow(
    expect.objectContaining({
      code: 'store_unavailable',
      message: expect.stringContaining('cannot be read'),
    }),
  )
  expect(existsSync(`${path}-wal`)).toBe(false)
})
