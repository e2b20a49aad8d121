import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { connect } from './connection.ts'
import { makeDurable, openFile } from './file.ts'
import { createSqliteStore } from './sqlite.ts'

test('a commit waits for the disk: the journal is a WAL and every commit is synced', () => {
  const file = openFile(temporaryPath())
  onTestFinished(() => file.close())
  expect(file.writer.pragma('journal_mode')).toBe('wal')
  expect(file.writer.pragma('synchronous')).toBe(2)
  expect(file.writer.pragma('foreign_keys')).toBe(1)
  expect(file.writer.pragma('busy_timeout')).toBe(500)
})

test('a file that does not take those settings is refused', () => {
  const db = connect(':memory:')
  onTestFinished(() => db.close())
  expect(() => makeDurable(db, '/data/onsignup.db')).toThrow(
    expect.objectContaining({
      code: 'store_unavailable',
      message: 'the store /data/onsignup.db has journal_mode memory instead of wal',
      mend: expect.stringContaining('local disk'),
    }),
  )
})

test('reading for people goes on while a write is under way, and sees nothing of it', async () => {
  const path = temporaryPath()
  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(0)
  const db = connect(path)
  onTestFinished(() => db.close())
  db.exec('BEGIN IMMEDIATE')
  db.exec(
    `INSERT INTO events (id, received_at, user_id) VALUES ('e', 0, 'u'); INSERT INTO bodies (event, body) VALUES (1, '{}')`,
  )
  expect(await store.event('e')).toBeNull()
  db.exec('COMMIT')
  await expect(store.event('e')).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('the folder of a store is made, and nothing before the store is opened', async () => {
  const path = temporaryPath('a/b/onsignup.db')
  const store = createSqliteStore({ path })
  expect(existsSync(dirname(path))).toBe(false)
  await store.open(0)
  await store.close()
  expect(existsSync(path)).toBe(true)
})

test('a folder that cannot be made is told with the path and what to do', async () => {
  const file = temporaryPath('file')
  writeFileSync(file, '')
  const path = join(file, 'data', 'onsignup.db')
  const store = createSqliteStore({ path })
  await expect(store.open(0)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining(path),
    mend: expect.stringContaining('folder'),
    cause: expect.objectContaining({ code: 'ENOTDIR' }),
  })
})

test('a file that is no database is told with the path and what to do', async () => {
  const path = temporaryPath()
  writeFileSync(path, 'this is no database, though it is long enough to be taken for one'.repeat(20))
  await expect(createSqliteStore({ path }).open(0)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining(path),
    mend: expect.stringContaining('backup'),
  })
})
