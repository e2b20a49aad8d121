import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeCases } from '@onsignup/core/testing'
import { describe, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { createSqliteStore } from './sqlite.ts'

describe('the SQLite store in a file', () => {
  const cases = storeCases(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onsignup-store-'))
    const path = join(folder, 'data', 'onsignup.db')
    let store = createSqliteStore({ path })
    return {
      store,
      async reopen() {
        // Closing gives nothing back, so that for the data it is the same as being killed.
        await store.close()
        store = createSqliteStore({ path })
        return store
      },
      remove: () => rm(folder, { recursive: true }),
    }
  })
  for (const { name, run } of cases) test(name, run)
})

test('who closes it while it is being closed waits until its file is free', async () => {
  const path = temporaryPath()
  const store = createSqliteStore({ path })
  await store.open(0)
  // Its thread is there, and ends in its own time.
  await store.event('none')
  const first = store.close()
  await store.close()
  const next = createSqliteStore({ path })
  await next.open(0)
  await next.close()
  await first
})
