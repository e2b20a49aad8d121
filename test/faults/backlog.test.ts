import { expect, test } from 'vitest'
import { describeBacklog } from './backlog/report.ts'
import { runBacklog } from './backlog/run.ts'

test('a backlog of a paused connector outlives a kill, goes out once when it is resumed, and holds nobody up', async () => {
  const report = await runBacklog(3_000, { users: 20, drain: 'all' })
  // Those that were registered beside it wait with it.
  expect(report.afterKill).toBe(3_000 + 20)
  expect([report.left, report.repeats]).toEqual([0, 0])
  expect([report.besideWaiting, report.besideDraining].map(({ length }) => length)).toEqual([20, 20])
  expect(describeBacklog(report)).toContain('| wait after a kill | 3,020 |')
}, 60_000)
