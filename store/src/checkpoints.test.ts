import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { checkpointsBy } from './checkpoints.ts'
import { connect } from './connection.ts'
import { createReadingThread } from './thread.ts'

test('a checkpoint is asked for after a thousand calls, and never a second one beside it', async () => {
  const asked: PromiseWithResolvers<void>[] = []
  const committed = checkpointsBy({
    checkpoint() {
      asked.push(Promise.withResolvers())
      return asked.at(-1)?.promise ?? Promise.resolve()
    },
  })
  committed(999)
  expect(asked).toHaveLength(0)
  committed(1)
  committed(5_000)
  expect(asked).toHaveLength(1)
  asked[0]?.reject(new Error('one that fails is followed by another'))
  await setImmediate()
  committed(1)
  expect(asked).toHaveLength(2)
})

test('a checkpoint moves what was committed to the main file, while the writer has it open', async () => {
  const path = temporaryPath()
  const db = connect(path)
  onTestFinished(() => db.close())
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a BLOB)`)
  db.exec('INSERT INTO t VALUES (zeroblob(100000))')
  expect(statSync(path).size).toBeLessThan(10_000)
  const reading = createReadingThread(path)
  await reading.checkpoint()
  expect(statSync(path).size).toBeGreaterThan(100_000)
  await reading.close()
  await reading.close()
})

test('closing waits for the thread, though nothing else keeps the process alive', async () => {
  const path = temporaryPath()
  const db = connect(path)
  onTestFinished(() => db.close())
  db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (a BLOB)`)
  const closer = fileURLToPath(new URL('../test/closer.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [closer, path])
  expect(stdout).toBe('closed\n')
})
