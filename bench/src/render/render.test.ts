import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readLatest } from '../latest.ts'
import { PAGE, resultsIn, withResults } from '../page.ts'
import type { Results } from '../results.ts'
import { judge, type Target } from '../targets.ts'
import { render } from './render.ts'

const results = (ours: readonly number[], log: readonly number[]): Results => {
  const row = { name: 'whole job', events: 1, callers: 1, absent: null }
  const disk = { p10: 1, p50: 1, p90: 1 }
  return {
    parts: {
      whole: {
        at: '2026-01-02T03:04:05.000Z',
        quick: false,
        repeats: ours.length,
        machine: { cpu: 'a CPU', cores: 2, memoryGb: 8, system: 'Linux' },
        versions: {},
        load: 0,
        disk: { before: disk, after: disk },
        rows: [
          { ...row, engine: 'onsignup', samples: ours.map((perSecond) => ({ perSecond })) },
          { ...row, engine: 'log', samples: log.map((perSecond) => ({ perSecond })) },
          { ...row, engine: 'bullmq', samples: [], absent: 'redis-server is not on this machine' },
        ],
      },
    },
  }
}

const ratio = (least: number): Target => ({
  what: 'a ratio',
  value: ['whole job', 'onsignup', 'perSecond'],
  by: ['whole job', 'log', 'perSecond'],
  bound: { atLeast: least },
})

test('docs/performance.md shows what bench/results/latest.json holds', async () => {
  expect(resultsIn(await readFile(PAGE, 'utf8'))).toBe(render(await readLatest()))
})

test('a page keeps what stands around its results', async () => {
  const page = await readFile(PAGE, 'utf8')
  const changed = withResults(page, 'new $& results')
  expect(resultsIn(changed)).toBe('new $& results')
  expect(withResults(changed, resultsIn(page))).toBe(page)
})

test('a target compares medians, and each repeat with its own', () => {
  const verdict = judge(results([10, 40, 30], [100, 200, 50]), ratio(0.3))
  expect(verdict).toEqual({ measured: 0.3, least: 0.1, most: 0.6, pass: true })
})

test('a target that is not reached is shown as a miss', () => {
  expect(judge(results([29], [100]), ratio(0.3))?.pass).toBe(false)
  expect(render(results([1], [100]))).toMatch(/whole job ÷ append log.*\*\*miss\*\*/)
})

test('what was not measured passes no target', () => {
  expect(judge(results([], [100]), ratio(0.3))).toBeNull()
  expect(render(results([1], [1]))).toMatch(/whole job ÷ BullMQ.*not measured/)
})

test('a peer whose server is missing stands in the table', () => {
  expect(render(results([1], [1]))).toMatch(/\| BullMQ \|.*not present on this machine/)
})
