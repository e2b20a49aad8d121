import { expect, test } from 'vitest'
import { grouped } from './group.ts'
import { closedLoop } from './load.ts'
import { cpuOf, memoryOf } from './processes.ts'
import { registration } from './registration.ts'
import { Tally } from './tally.ts'

test('a closed loop asks for each number once, and never for more at a time than it has callers', async () => {
  const asked: number[] = []
  let now = 0
  let most = 0
  const { perSecond } = await closedLoop({ callers: 3, from: 5, count: 10 }, async (n) => {
    asked.push(n)
    now += 1
    most = Math.max(most, now)
    await Promise.resolve()
    now -= 1
  })
  expect(asked).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  expect(most).toBe(3)
  expect(perSecond).toBeGreaterThan(0)
})

test('what comes in one turn is sent as one group, and each caller hears when its own was sent', async () => {
  const groups: (readonly number[])[] = []
  const add = grouped<number>(async (items) => {
    groups.push(items)
    if (items.includes(4)) throw new Error('refused')
  })
  await Promise.all([add(1), add(2), add(3)])
  await expect(add(4)).rejects.toThrow('refused')
  await add(5)
  expect(groups).toEqual([[1, 2, 3], [4], [5]])
})

test('a tally is reached by what was counted before and after somebody waits', async () => {
  const tally = new Tally()
  const reached: number[] = []
  tally.add()
  await tally.reached(1)
  const both = tally.reached(2).then(() => reached.push(2))
  await Promise.resolve()
  expect(reached).toEqual([])
  tally.add()
  await both
  expect(reached).toEqual([2])
})

test('a registration is about 1 KB of JSON', () => {
  for (const n of [0, 1_000_000]) {
    const { length } = JSON.stringify(registration(n))
    expect(length).toBeGreaterThan(950)
    expect(length).toBeLessThan(1_150)
  }
})

test.runIf(process.platform === 'linux')('a process has the CPU time and memory that Node says', () => {
  const { user, system } = process.cpuUsage()
  expect(Math.abs(cpuOf([process.pid]) - (user + system))).toBeLessThan(1_000_000)
  const now = memoryOf('self', 'now')
  expect(memoryOf('self', 'peak')).toBeGreaterThanOrEqual(now)
  expect(now / (process.memoryUsage.rss() / 1e6)).toBeCloseTo(1, 0)
})
