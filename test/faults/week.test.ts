import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { misconfigured, retry, throttled, type Hook } from '@onsignup/core'
import { createTestClock, createTestOnSignup, type TestOnSignup } from '@onsignup/core/testing'
import { createSqliteStore } from '@onsignup/store'
import { expect, test } from 'vitest'
import { seeded } from './kills/random.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** One call of a far side, in milliseconds from the beginning of the week. */
interface Call {
  readonly user: string
  readonly at: number
  readonly tookIt: boolean
}

interface FarSide {
  /** Why it does not take a call at this time; undefined when it takes it. */
  readonly refuses: (at: number) => Error | undefined
  readonly calls: Call[]
}

const farSide = (refuses: FarSide['refuses']): FarSide => ({ refuses, calls: [] })

const between = (from: number, until: number, failure: () => Error) => (at: number) =>
  at >= from && at < until ? failure() : undefined

const callsOf = (side: FarSide, user: string): readonly Call[] =>
  side.calls.filter((call) => call.user === user)

const during = (side: FarSide, from: number, until: number): readonly Call[] =>
  side.calls.filter(({ at }) => at >= from && at < until)

const waitsOf = (calls: readonly Call[]): readonly number[] =>
  calls.slice(1).map(({ at }, index) => at - (calls[index]?.at ?? at))

test('a week with every outage that there is: all is delivered once, and no far side is asked more than it bears', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'onsignup-week-'))
  const random = seeded(7)
  const clock = createTestClock()
  const began = clock.now()
  const down = () => retry('HTTP 503', { code: 'http_503' })
  const sides = {
    // One in three calls fails, all week.
    flaky: farSide(() => (random() < 1 / 3 ? down() : undefined)),
    // An outage with answers.
    down: farSide(between(DAY, DAY + 12 * HOUR, down)),
    // One without, longer than any delivery may fail.
    silent: farSide(between(2 * DAY, 4 * DAY, () => retry('no connection', { code: 'ECONNREFUSED' }))),
    // Each day it allows nothing in the second hour, and says until when.
    limited: farSide((at) => {
      const since = at % DAY
      return since >= HOUR && since < 2 * HOUR ? throttled('slow', { after: 2 * HOUR - since }) : undefined
    }),
    // A token that nobody mends for days.
    misconfigured: farSide(between(DAY, 6 * DAY, () => misconfigured('token revoked'))),
    hopeless: farSide(down),
  }
  const told: string[] = []

  const hookOf =
    (side: FarSide): Hook =>
    ({ user }) => {
      const at = clock.now() - began
      const failure = side.refuses(at)
      side.calls.push({ user: user.id, at, tookIt: failure === undefined })
      if (failure !== undefined) throw failure
    }
  const start = (): TestOnSignup => {
    const store = createSqliteStore({ path: join(folder.path, 'week.db') })
    const onsignup = createTestOnSignup({ store, clock, random })
    for (const [name, side] of Object.entries(sides)) {
      const patient = { retry: { max_attempts: 1_000, max: '1h' } }
      onsignup.use(name, hookOf(side), name === 'hopeless' ? {} : patient)
    }
    onsignup.on('parked', ({ connector, again }) => told.push(`${connector} parked${again ? ' again' : ''}`))
    onsignup.on('released', ({ connector }) => told.push(`${connector} released`))
    return onsignup
  }

  /** Minute by minute, each until nothing is left to do in it: a commit takes real time. */
  const pass = async (onsignup: TestOnSignup, time: number) => {
    for (const end = clock.now() + time; clock.now() < end;) {
      await clock.advance(MINUTE)
      await onsignup.drain()
    }
  }

  const users: string[] = []
  for (let day = 0; day < 7; day += 1) {
    const onsignup = start()
    await onsignup.start()
    while (clock.now() - began < (day + 1) * DAY - HOUR) {
      users.push(`user-${users.length}`)
      await onsignup.publish({ user: { id: `user-${users.length - 1}` } })
      await pass(onsignup, HOUR)
    }
    await onsignup.close()
    // Nothing runs meanwhile, as while a machine is replaced.
    await clock.advance((day + 1) * DAY - (clock.now() - began))
  }
  const last = start()
  await last.start()
  await pass(last, 12 * HOUR)

  const { hopeless, ...others } = sides
  const views = await last.deliveries()
  await last.close()
  const statesOf = (name: string) =>
    new Set(views.filter(({ connector }) => connector === name).map(({ state }) => state))
  for (const [name, side] of Object.entries(others)) {
    expect([name, ...statesOf(name)]).toEqual([name, 'delivered'])
    const taken = side.calls.filter(({ tookIt }) => tookIt).map(({ user }) => user)
    expect(taken.toSorted()).toEqual(users.toSorted())
  }
  expect([...statesOf('hopeless')]).toEqual(['dead'])
  for (const { connector, attempts, user } of views) {
    const side = Object.entries(sides).find(([name]) => name === connector)?.[1]
    expect(attempts).toHaveLength(side === undefined ? -1 : callsOf(side, user.id).length)
  }

  for (const user of users) {
    expect(callsOf(hopeless, user)).toHaveLength(12)
    expect(Math.max(0, ...waitsOf(callsOf(sides.down, user)))).toBeLessThanOrEqual(2 * HOUR)
  }
  // A minute apart while nothing answers, five while it is misconfigured; the day's last hour is without an engine.
  const silence = during(sides.silent, 2 * DAY, 4 * DAY)
  expect(silence.length).toBeGreaterThan(40 * 60)
  expect(silence.length).toBeLessThanOrEqual(46 * 60 + 10)
  const wrong = during(sides.misconfigured, DAY, 6 * DAY)
  expect(wrong.length).toBeGreaterThan(100 * 12)
  expect(wrong.length).toBeLessThanOrEqual(5 * 23 * 12 + 10)
  for (let day = 0; day < 7; day += 1) {
    const limited = during(sides.limited, day * DAY + HOUR, day * DAY + 2 * HOUR)
    expect(limited.length).toBe(1)
  }
  expect(told).toEqual(['misconfigured parked', 'silent parked', 'silent released', 'misconfigured released'])
}, 120_000)
