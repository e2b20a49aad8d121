import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { createSpaceGuard, diskOf, type Disk } from './space.ts'
import { createSqliteStore } from './sqlite.ts'

const MIB = 1_024 * 1_024

test('a disk with less free than results may need takes no events, and takes them again when it has space', () => {
  let free = 63 * MIB
  let looks = 0
  const guard = createSpaceGuard('/data/onsignup.db', (folder): Disk => {
    expect(folder).toBe('/data')
    looks += 1
    return { size: 100_000 * MIB, free }
  })
  for (let call = 0; call < 3; call += 1) {
    expect(() => guard.beforeAccept()).toThrow(
      expect.objectContaining({
        code: 'store_unavailable',
        message: 'the disk of the store /data/onsignup.db has 63 MiB free, and 64 MiB are kept for results',
        mend: 'free some space on its disk',
      }),
    )
  }
  expect(() => guard.check()).toThrow(/63 MiB free/)
  free = 64 * MIB
  for (let call = 0; call < 65; call += 1) guard.beforeAccept()
  expect(looks, 'it is not looked at for every accept').toBe(5)
  free = 0
  expect(() => guard.beforeAccept(), 'and it is looked at now and then').toThrow(/0 MiB free/)
})

test('of a small disk a twentieth is kept', () => {
  const withFree = (free: number) => createSpaceGuard('/data/onsignup.db', () => ({ size: 20 * MIB, free }))
  expect(() => withFree(MIB).beforeAccept()).not.toThrow()
  expect(() => withFree(MIB - 1).beforeAccept()).toThrow(/1 MiB are kept/)
})

test('the space that is told is that of the disk', () => {
  const { size, free } = diskOf('/')
  expect(size).toBeGreaterThan(free)
  expect(free).toBeGreaterThan(0)
})

test('a full disk rejects events and readiness, and still takes what came of earlier ones', async () => {
  const disk = { size: 100_000 * MIB, free: 100_000 * MIB }
  const store = createSqliteStore({ path: temporaryPath(), disk: () => disk })
  onTestFinished(() => store.close())
  await store.open(0)
  const [row] = await store.register([{ name: 'chat', uses: 'slack' }])
  disk.free = 0
  await expect(store.probe()).rejects.toMatchObject({ code: 'store_unavailable' })
  await expect(store.append([])).rejects.toMatchObject({ code: 'store_unavailable' })
  await store.changeGate({ connector: row?.id ?? 0, throttledUntil: 1 })
  disk.free = 100_000 * MIB
  await store.probe()
  expect(await store.append([])).toEqual([])
})
