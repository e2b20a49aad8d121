import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Store } from '@onsignup/core/engine'
import { expect, onTestFinished, test } from 'vitest'
import { killAtOnce, startHolder, temporaryPath } from '../test/processes.ts'
import { isLocked } from './lock.ts'
import { createSqliteStore } from './sqlite.ts'

const opened = async (path: string): Promise<Store> => {
  const store = createSqliteStore({ path })
  await store.open(0)
  onTestFinished(() => store.close())
  return store
}

test('a store that another process has open is refused by name, until that process is killed', async () => {
  const path = temporaryPath()
  const holder = await startHolder(path)
  const refused = await opened(path).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'store_locked', mend: expect.stringContaining('stop that process') })
  expect(String(refused)).toContain(`another onsignup process has the store ${path} open`)
  await killAtOnce(holder)
  await opened(path)
})

test('a store is refused to a second one in the same process, until the first is closed', async () => {
  const path = temporaryPath()
  const first = await opened(path)
  await expect(opened(path)).rejects.toMatchObject({ code: 'store_locked' })
  await first.probe()
  await first.close()
  await opened(path)
})

test('a refused store leaves the lock with its owner', async () => {
  const path = temporaryPath()
  await opened(path)
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await expect(opened(path)).rejects.toMatchObject({ code: 'store_locked' })
  }
})

test('other names of the same file meet the same lock', async () => {
  const path = temporaryPath()
  await opened(path)
  const link = join(dirname(path), 'link.db')
  symlinkSync(path, link)
  const folder = join(dirname(path), 'folder')
  symlinkSync(dirname(path), folder)
  for (const name of [link, join(folder, 'onsignup.db'), relative(process.cwd(), path)]) {
    await expect(opened(name), name).rejects.toMatchObject({ code: 'store_locked' })
  }
})

test('a lock that cannot be made is a store that is unavailable, not one that is locked', async () => {
  const path = temporaryPath()
  mkdirSync(`${path}.lock`)
  await expect(opened(path)).rejects.toMatchObject({ code: 'store_unavailable' })
  const other = temporaryPath()
  writeFileSync(`${other}.lock`, 'no database'.repeat(100))
  await expect(opened(other)).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('a store that failed to open is no longer locked', async () => {
  const path = temporaryPath()
  writeFileSync(path, 'this is no database, though it is long enough to be taken for one'.repeat(20))
  await expect(opened(path)).rejects.toMatchObject({ code: 'store_unavailable' })
  await expect(opened(path)).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('whether a store is locked is told without taking the lock', async () => {
  const path = temporaryPath()
  expect(isLocked(path)).toBe(false)
  expect(existsSync(`${path}.lock`)).toBe(false)
  const holder = await startHolder(path)
  expect([isLocked(path), isLocked(path)]).toEqual([true, true])
  await killAtOnce(holder)
  expect(isLocked(path)).toBe(false)
  await opened(path)
  expect(isLocked(path)).toBe(true)
})
