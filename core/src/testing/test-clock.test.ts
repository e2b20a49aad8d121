import { expect, test } from 'vitest'
import { createTestClock } from './test-clock.ts'

test('the clock stands still until it is moved', async () => {
  const clock = createTestClock('2026-01-01T00:00:00.000Z')
  const start = Date.parse('2026-01-01T00:00:00.000Z')
  expect(clock.now()).toBe(start)
  await clock.advance('1h')
  await clock.advance(250)
  expect(clock.now()).toBe(start + 3_600_250)
})

test('timers wake in the order of their time, each at its time, the first set first among equals', async () => {
  const clock = createTestClock()
  const start = clock.now()
  const woken: [string, number][] = []
  const set = (name: string, ms: number) => clock.after(ms, () => woken.push([name, clock.now() - start]))
  set('late', 2_000)
  set('early', 500)
  set('equal', 500)
  set('never', 5_000)
  await clock.advance('2s')
  expect(woken).toEqual([
    ['early', 500],
    ['equal', 500],
    ['late', 2_000],
  ])
})

test('what a timer sets wakes in the same move when its time is within it', async () => {
  const clock = createTestClock()
  const start = clock.now()
  const woken: number[] = []
  const tick = () => {
    woken.push(clock.now() - start)
    if (woken.length < 5) clock.after(1_000, tick)
  }
  clock.after(1_000, tick)
  await clock.advance('3s')
  expect(woken).toEqual([1_000, 2_000, 3_000])
})

test('a timer that is cancelled does not wake, and none wakes twice', async () => {
  const clock = createTestClock()
  let woken = 0
  const cancel = clock.after(1_000, () => (woken += 1))
  clock.after(1_000, () => (woken += 10))
  cancel()
  cancel()
  await clock.advance('1h')
  await clock.advance('1h')
  expect(woken).toBe(10)
})

test('a timer of no or negative time wakes at the next move, even of nothing', async () => {
  const clock = createTestClock()
  const woken: string[] = []
  clock.after(0, () => woken.push('now'))
  clock.after(-5, () => woken.push('past'))
  expect(woken).toEqual([])
  await clock.advance(0)
  expect(woken).toEqual(['now', 'past'])
})

test('between timers, what was woken gets as far as it can', async () => {
  const clock = createTestClock()
  const seen: string[] = []
  clock.after(1_000, () => {
    void (async () => {
      for (let step = 0; step < 100; step += 1) await Promise.resolve()
      seen.push('first is through')
    })()
  })
  clock.after(1_001, () => seen.push('second'))
  await clock.advance('2s')
  expect(seen).toEqual(['first is through', 'second'])
})
