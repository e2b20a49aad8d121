import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Attempt, Hook, Run } from '../contract.ts'
import { definePlugin } from '../define-plugin.ts'
import { delivered, rejected, retry, unknown } from '../outcome.ts'
import { createMemoryStore } from '../store/memory.ts'
import { createTestOnSignup } from '../testing/create-test-onsignup.ts'
import { createTestClock, type TestClock } from '../testing/test-clock.ts'

const user = (id: string) => ({ user: { id } })

/** Ends only by its signal, as a fetch does. */
const hang: Hook = (_event, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

/** Never ends. */
const deaf: Hook = () => new Promise(() => {})

const harmless = (hook: Hook) =>
  definePlugin({
    name: 'harmless',
    options: z.object({}),
    repeats: 'harmless',
    connect: () => ({ postUserRegistration: hook }),
  })

test('a hook is told who it runs for, until when, and which try this is', async () => {
  const runs: (Run & Attempt)[] = []
  const onsignup = createTestOnSignup().use(
    'team',
    (_event, run) => {
      runs.push(run)
      return runs.length < 3 ? retry('not yet') : undefined
    },
    { timeout: '5s' },
  )
  const started = onsignup.clock.now()
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('1m')
  expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  expect(new Set(runs.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
  expect(runs[0]).toMatchObject({
    connector: 'team',
    deadline: new Date(started + 5_000),
    afterUnknown: false,
  })
  expect(runs.every(({ signal }) => !signal.aborted)).toBe(true)
})

test('the deadline aborts the signal, and an answer that did not come is unknown', async () => {
  const signals: AbortSignal[] = []
  const onsignup = createTestOnSignup().use(
    'team',
    (event, run) => {
      signals.push(run.signal)
      return hang(event, run)
    },
    { timeout: '5s', on_unknown: 'hold' },
  )
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('4999ms')
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  await onsignup.clock.advance('1ms')
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  expect(await onsignup.deliveries()).toMatchObject([
    {
      state: 'unknown',
      reason: 'no answer within 5s',
      attempts: [{ outcome: 'unknown', code: 'timeout', ms: 5_000 }],
    },
  ])
})

test('a hook that hangs and ends by its signal is tried again, though nothing else wakes its lane', async () => {
  const onsignup = createTestOnSignup().use('team', hang, { timeout: '5s' })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('6s')
  await onsignup.clock.advance('1h')
  expect(await onsignup.deliveries()).toMatchObject([
    { state: 'unknown', attempts: [{ outcome: 'unknown' }, { outcome: 'unknown' }] },
  ])
})

test('where a repeat is harmless, no answer is a retry', async () => {
  const onsignup = createTestOnSignup().use('team', harmless(hang), {
    timeout: '5s',
    retry: { max_attempts: 3 },
  })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('1h')
  expect(await onsignup.deliveries()).toMatchObject([
    {
      state: 'dead',
      reason: 'given up after 3 tries: no answer within 5s',
      attempts: Array.from({ length: 3 }, () => ({ outcome: 'retry', code: 'timeout' })),
    },
  ])
})

test('an attempt after a lost answer knows that it may be a repeat', async () => {
  const repeats: boolean[] = []
  const onsignup = createTestOnSignup().use('team', (_event, { afterUnknown }) => {
    repeats.push(afterUnknown)
    return repeats.length === 1 ? unknown('lost') : undefined
  })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('1m')
  expect(repeats).toEqual([false, true])
})

test('an attempt after a crash knows that it may be a repeat', async () => {
  const store = createMemoryStore()
  const crashed = createTestOnSignup({ store }).use('team', deaf)
  await crashed.publish(user('1'))
  await crashed.clock.advance(0)

  const repeats: boolean[] = []
  const next = createTestOnSignup({ store, clock: crashed.clock }).use(
    'team',
    (_event, { afterUnknown }) => void repeats.push(afterUnknown),
  )
  await next.start()
  await next.drain()
  expect(repeats).toEqual([true])
})

test.each([
  [900, 'dead', 'it was refused'],
  [1_100, 'unknown', 'no answer within 5s'],
])('after the cut a hook has a second to say what came of it: %d ms', async (takes, state, reason) => {
  const onsignup = createTestOnSignup()
  const slow: Hook = (_event, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        onsignup.clock.after(takes, () => reject(rejected('it was refused')))
      })
    })
  onsignup.use('team', slow, { timeout: '5s', on_unknown: 'hold' })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('7s')
  expect(await onsignup.deliveries()).toMatchObject([{ state, reason }])
})

test('an error after the cut that says nothing of what was sent is no retry where a repeat would harm', async () => {
  const onsignup = createTestOnSignup().use(
    'team',
    (_event, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('socket hang up')))
      }),
    { timeout: '5s', on_unknown: 'hold' },
  )
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('1h')
  expect(await onsignup.deliveries()).toMatchObject([
    { state: 'unknown', reason: 'no answer within 5s: socket hang up', attempts: [{}] },
  ])
})

test('a result that comes too late is history and changes nothing', async () => {
  const late = Promise.withResolvers<ReturnType<typeof delivered>>()
  const onsignup = createTestOnSignup().use('team', () => late.promise, { timeout: '5s', on_unknown: 'hold' })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('10s')
  late.resolve(delivered('ts 1'))
  await onsignup.clock.advance(0)
  expect(await onsignup.deliveries()).toMatchObject([
    {
      state: 'unknown',
      attempts: [
        { run: 1, outcome: 'unknown' },
        { run: 1, outcome: 'delivered', ms: 10_000, detail: 'after its deadline: ts 1' },
      ],
    },
  ])
})

test('that a hook hears the abort too late is no news for the history', async () => {
  const onsignup = createTestOnSignup()
  const slow: Hook = (_event, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        onsignup.clock.after(5_000, () => reject(signal.reason))
      })
    })
  onsignup.use('team', slow, { timeout: '5s', on_unknown: 'hold' })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('1m')
  expect((await onsignup.deliveries())[0]?.attempts).toHaveLength(1)
})

test('the slot is free at the cut, before a deaf hook is given up', async () => {
  const started: string[] = []
  const onsignup = createTestOnSignup().use(
    'team',
    (event, run) => {
      started.push(event.user.id)
      return deaf(event, run)
    },
    { timeout: '5s', concurrency: 1, on_unknown: 'hold' },
  )
  await onsignup.publish(user('1'))
  await onsignup.publish(user('2'))
  await onsignup.clock.advance('4999ms')
  expect(started).toEqual(['1'])
  await onsignup.clock.advance('1ms')
  expect(started).toEqual(['1', '2'])
  expect(await onsignup.deliveries()).toMatchObject([{ state: 'running' }, { state: 'running' }])
})

test('an attempt that is over leaves no timer behind that would keep the process alive', async () => {
  const inner = createTestClock()
  const pending = new Set<object>()
  const clock: TestClock = {
    ...inner,
    after(ms, wake) {
      const timer = {}
      pending.add(timer)
      const cancel = inner.after(ms, () => {
        pending.delete(timer)
        wake()
      })
      return () => {
        pending.delete(timer)
        cancel()
      }
    },
  }
  const onsignup = createTestOnSignup({ clock })
    .use('in-time', () => {})
    .use('cut', hang, { timeout: '5s', on_unknown: 'hold' })
  await onsignup.publish(user('1'))
  await clock.advance('5s')
  expect((await onsignup.deliveries()).map(({ state }) => state)).toEqual(['delivered', 'unknown'])
  expect(pending.size).toBe(0)
})

test('an if that is false skips without a call, and one that fails on the event is a rejection', async () => {
  let calls = 0
  const hook = () => void (calls += 1)
  const onsignup = createTestOnSignup()
    .use('verified', hook, { if: 'user.emailVerified' })
    .use('bomb', hook, { if: '(1..99999999) contains 7' })
  await onsignup.publish(user('1'))
  await onsignup.drain()
  expect(await onsignup.deliveries()).toMatchObject([
    { connector: 'verified', state: 'skipped', reason: 'its if is false' },
    { connector: 'bomb', state: 'dead', attempts: [{ outcome: 'rejected', code: 'template' }] },
  ])
  expect(calls).toBe(0)
})
