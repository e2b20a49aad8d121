import { milliseconds, type Duration } from '../duration.ts'
import type { Clock } from '../ports.ts'

/** A clock that stands still until the test moves it. */
export interface TestClock extends Clock {
  /** Moves time on and wakes what was to wake until then, in order. */
  advance(by: Duration | number): Promise<void>
}

interface Timer {
  readonly at: number
  readonly wake: () => void
}

/** Lets everything that was woken get as far as it can without time passing. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const createTestClock = (start = '2026-01-02T03:04:05.000Z'): TestClock => {
  let now = Date.parse(start)
  const timers = new Set<Timer>()
  const next = (until: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0]
  return {
    now: () => now,
    after(ms, wake) {
      const timer = { at: now + Math.max(0, ms), wake }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(by) {
      const until = now + (typeof by === 'number' ? by : milliseconds(by))
      await settled()
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.wake()
        await settled()
      }
      now = until
      await settled()
    },
  }
}
