import { expect, test } from 'vitest'
import { z } from 'zod'
import type { BatchHook, Connector, Hook } from '../contract.ts'
import { definePlugin } from '../define-plugin.ts'
import { delivered, misconfigured, retry, throttled } from '../outcome.ts'
import type { Settings } from '../settings.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { Store } from '../store/port.ts'
import { createTestOnSignup, type TestOnSignupOptions } from '../testing/create-test-onsignup.ts'
import { plugin } from './test-support.ts'

/** An engine whose connectors note when each user's attempt started, in milliseconds from the beginning. */
const engine = (options: TestOnSignupOptions = {}) => {
  const onsignup = createTestOnSignup(options)
  const began = onsignup.clock.now()
  const starts: { user: string; at: number }[] = []
  const hook: Hook = ({ user }) => {
    starts.push({ user: user.id, at: onsignup.clock.now() - began })
  }
  const publish = async (...ids: string[]) => {
    for (const id of ids) await onsignup.publish({ user: { id } })
    await onsignup.clock.advance(0)
  }
  return { onsignup, starts, hook, publish, times: () => starts.map(({ at }) => at) }
}

const ids = (count: number, prefix = ''): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`)

/** The most that started within a second, wherever it begins. */
const busiest = (times: readonly number[]): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length))

const use = (settings: Settings) => settings

test('a rate spreads attempts evenly, and what waits for it is neither counted nor failed', async () => {
  const { onsignup, hook, publish, times } = engine()
  onsignup.use('team', hook, use({ rate: '10/s', concurrency: 5 }))
  await publish(...ids(30))
  await onsignup.clock.advance('2s')
  expect(times()).toEqual(Array.from({ length: 20 }, (_, n) => 100 + n * 100))
  await onsignup.clock.advance('1s')
  const deliveries = await onsignup.deliveries()
  expect(deliveries.map(({ state, tries, attempts }) => [state, tries, attempts.length])).toEqual(
    Array(30).fill(['delivered', 0, 1]),
  )
})

test('after a quiet time a burst may go at once', async () => {
  const { onsignup, hook, publish, times } = engine()
  onsignup.use('team', hook, use({ rate: { limit: '60/m', burst: 4 }, concurrency: 10 }))
  await onsignup.start()
  await onsignup.clock.advance('1m')
  await publish(...ids(6))
  await onsignup.clock.advance('3s')
  expect(times()).toEqual([60_000, 60_000, 60_000, 60_000, 61_000, 62_000])
})

test('every attempt counts, retries too', async () => {
  const { onsignup, publish } = engine()
  const began = onsignup.clock.now()
  const starts: number[] = []
  const failing: Hook = () => {
    starts.push(onsignup.clock.now() - began)
    return retry('no')
  }
  onsignup.use('team', failing, use({ rate: '1/s', retry: { initial: '10ms', max: '10ms' } }))
  await publish('1', '2')
  await onsignup.clock.advance('5s')
  expect(starts).toEqual([1_000, 2_000, 3_000, 4_000, 5_000])
})

test('a restart and a resumed pause let no more go at once than the rate', async () => {
  const store = createMemoryStore()
  const first = engine({ store })
  first.onsignup.use('team', first.hook, use({ rate: '10/s' }))
  await first.publish(...ids(50))
  await first.onsignup.clock.advance('1s')
  await first.onsignup.pause('team')
  await first.onsignup.clock.advance('1h')
  expect(first.starts).toHaveLength(10)
  await first.onsignup.resume('team')
  await first.onsignup.clock.advance('1s')
  const { clock } = first.onsignup
  await first.onsignup.close()
  const second = engine({ store, clock })
  second.onsignup.use('team', second.hook, use({ rate: '10/s' }))
  await second.onsignup.start()
  await clock.advance('10s')
  expect(busiest(first.times())).toBeLessThanOrEqual(11)
  expect(busiest(second.times())).toBeLessThanOrEqual(11)
  expect(first.starts.length + second.starts.length).toBe(50)
})

test('with a key each value has a limit of its own, and a busy one holds no other back', async () => {
  const { onsignup, starts, hook } = engine()
  onsignup.use('team', hook, use({ rate: { limit: '1/s', key: '{{ user.tenant }}' }, concurrency: 5 }))
  for (const id of ids(600)) await onsignup.publish({ user: { id: `busy ${id}`, tenant: 'busy' } })
  await onsignup.publish({ user: { id: 'calm', tenant: 'calm' } })
  await onsignup.clock.advance('2s')
  expect(starts.filter(({ user }) => user === 'calm')).toEqual([{ user: 'calm', at: 1_000 }])
  await onsignup.clock.advance('8s')
  const busy = starts.filter(({ user }) => user.startsWith('busy')).map(({ at }) => at)
  expect(busy).toEqual(Array.from({ length: 10 }, (_, n) => 1_000 + n * 1_000))
  await onsignup.clock.advance('20m')
  expect(starts).toHaveLength(601)
  expect(busiest(starts.slice(2).map(({ at }) => at))).toBeLessThanOrEqual(2)
})

test('connectors that name the same bucket share it fairly', async () => {
  const one = engine()
  const other: number[] = []
  const bucket = use({ rate: { limit: '10/s', bucket: 'org' } })
  one.onsignup.use('a', one.hook, bucket)
  one.onsignup.use(
    'b',
    () => {
      other.push(one.onsignup.clock.now())
    },
    bucket,
  )
  await one.publish(...ids(40))
  await one.onsignup.clock.advance('4s')
  expect([one.starts.length, other.length]).toEqual([20, 20])
})

test("a plugin's own limits hold, each bucket by itself, over all its connectors", async () => {
  const { onsignup, starts, hook, publish, times } = engine()
  const limited = (more: Omit<Partial<Connector>, 'postUserRegistrationBatch'>) => plugin(hook, more)
  const limits: Connector['limits'] = ({ user }) => [
    { bucket: 'workspace', rate: '10/s' },
    { bucket: user.id.slice(0, 1), rate: '1/s', burst: 2 },
  ]
  onsignup.use('one', limited({ limits })).use('two', limited({ limits }))
  await onsignup.start()
  await onsignup.clock.advance('1m')
  await publish(...ids(2, 'a'), ...ids(1, 'b'))
  await onsignup.clock.advance('10s')
  expect(starts.map(({ user, at }) => `${user} ${at - 60_000}`).toSorted()).toEqual(
    ['a0 0', 'a0 100', 'a1 1000', 'a1 2000', 'b0 400', 'b0 500'].toSorted(),
  )
  expect(busiest(times())).toBeLessThanOrEqual(10)
})

test('limits that cannot be told limit nothing, and the attempt goes on', async () => {
  const { onsignup, hook, publish, starts } = engine()
  const limits = () => [{ bucket: 'a', rate: 'often' }]
  onsignup.use('team', plugin(hook, { limits }))
  await publish('1')
  expect(starts).toHaveLength(1)
  expect(onsignup.logger.lines).toContainEqual(
    expect.objectContaining({ level: 'warn', message: 'it starts without a limit' }),
  )
})

test('a batch is one attempt', async () => {
  const { onsignup, publish } = engine()
  const sizes: number[] = []
  const postUserRegistrationBatch: BatchHook = async (items) => {
    sizes.push(items.length)
    return items.map(() => delivered())
  }
  onsignup.use(
    'crm',
    definePlugin({ name: 'many', options: z.object({}), connect: () => ({ postUserRegistrationBatch }) }),
    use({ rate: '1/s', batch: { max_records: 10, max_wait: '0s' } }),
  )
  await publish(...ids(25))
  await onsignup.clock.advance('1s')
  expect(sizes).toEqual([10])
  await onsignup.clock.advance('2s')
  expect(sizes).toEqual([10, 10, 5])
})

test('a canary keeps to the rate too', async () => {
  const { onsignup, publish } = engine()
  const starts: number[] = []
  const began = onsignup.clock.now()
  const silent: Hook = () => {
    starts.push(onsignup.clock.now() - began)
    return retry('down', { code: 'ECONNREFUSED' })
  }
  onsignup.use('team', silent, use({ rate: '1/h', retry: { initial: '0s', max: '0s' } }))
  await publish('1')
  await onsignup.clock.advance('8h')
  expect(starts).toEqual(Array.from({ length: 8 }, (_, n) => (n + 1) * 3_600_000))
})

test('a connector with a rate and nothing to do asks the store for nothing', async () => {
  let claims = 0
  const memory = createMemoryStore()
  const store: Store = {
    ...memory,
    claim(...args) {
      claims += 1
      return memory.claim(...args)
    },
  }
  const { onsignup, hook, publish, starts } = engine({ store })
  onsignup.use('team', hook, use({ rate: '10/s' }))
  await publish('1')
  await onsignup.clock.advance('1s')
  const before = claims
  await onsignup.clock.advance('1h')
  expect([claims - before, starts.length]).toEqual([0, 1])
})

test('a delivery that is to test a closed gate and must wait for its turn does not keep the gate from being tested', async () => {
  const { onsignup, starts, publish } = engine()
  let isRight = false
  const keyed = plugin(
    ({ user }) => {
      starts.push({ user: user.id, at: 0 })
      return isRight ? delivered() : misconfigured('no')
    },
    { limits: () => [{ bucket: 'channel', rate: '9/h' }] },
  )
  onsignup.use('team', keyed, {})
  await publish('1')
  await onsignup.clock.advance('400s')
  expect(starts).toHaveLength(1)
  isRight = true
  await onsignup.clock.advance('401s')
  expect((await onsignup.deliveries()).map(({ state }) => state)).toEqual(['delivered'])
})

test('limits that are the same for all let what waits for them go together, as one batch', async () => {
  const { onsignup, publish } = engine()
  const began = onsignup.clock.now()
  const calls: string[] = []
  const postUserRegistrationBatch: BatchHook = async (items) => {
    calls.push(`${items.length} at ${onsignup.clock.now() - began - 60_000}`)
    return items.map(() => delivered())
  }
  const many = definePlugin({
    name: 'many',
    options: z.object({}),
    defaults: { batch: { max_records: 100, max_wait: '0s' } },
    connect: () => ({
      postUserRegistrationBatch,
      limits: [
        { bucket: 'channel', rate: '1/s', burst: 2 },
        { bucket: 'workspace', rate: '10/s', burst: 5 },
      ],
    }),
  })
  onsignup.use('team', many)
  await onsignup.start()
  await onsignup.clock.advance('1m')
  for (const id of ids(30)) await publish(id)
  await onsignup.clock.advance('500ms')
  for (const id of ids(30, 'later ')) await publish(id)
  await onsignup.clock.advance('5s')
  expect(calls).toEqual(['1 at 0', '1 at 0', '58 at 1000'])
})

test('a far side that limits a shared bucket holds every connector that shares it, and no other', async () => {
  const { onsignup, publish } = engine()
  const began = onsignup.clock.now()
  const calls: string[] = []
  const note =
    (name: string): Hook =>
    () => {
      calls.push(`${name} at ${Math.floor((onsignup.clock.now() - began) / 1_000)}`)
      const isFirst = calls.filter((call) => call.startsWith('one')).length === 1
      return name === 'one' && isFirst
        ? throttled('slow down', { after: 7_000, bucket: 'workspace' })
        : delivered()
    }
  const limits = [{ bucket: 'workspace', rate: '1/s' }]
  const elsewhere = [{ bucket: 'elsewhere', rate: '1/s' }]
  onsignup.use('one', plugin(note('one'), { limits })).use('two', plugin(note('two'), { limits }))
  onsignup.use('other', plugin(note('other'), { limits: elsewhere }))
  await publish('a')
  await onsignup.clock.advance('7900ms')
  expect(calls.toSorted()).toEqual(['one at 1', 'other at 1'])
  // A place that was kept for a turn in that time is lost.
  await onsignup.clock.advance('3s')
  expect(calls.toSorted()).toEqual(['one at 1', 'one at 10', 'other at 1', 'two at 8'])
  expect((await onsignup.deliveries()).map(({ tries }) => tries)).toEqual([0, 0, 0])
})

test('a delivery whose if is false takes no place, whatever the limits depend on', async () => {
  for (const limits of [[{ bucket: 'a', rate: '1/m' }], () => [{ bucket: 'a', rate: '1/m' }]]) {
    const { onsignup, starts, hook, publish } = engine()
    onsignup.use('team', plugin(hook, { limits }), { if: 'user.emailVerified', concurrency: 2 })
    for (let n = 0; n < 40; n += 1) {
      await onsignup.publish({ user: { id: String(n), emailVerified: n % 20 === 19 } })
    }
    await publish('40')
    await onsignup.clock.advance('121s')
    expect(starts).toEqual([
      { user: '19', at: 60_000 },
      { user: '39', at: 120_000 },
    ])
    const states = (await onsignup.deliveries()).map(({ state }) => state)
    // The last one came after the place was taken, and is looked at when there is another.
    expect(states.filter((state) => state === 'skipped').length).toBeGreaterThanOrEqual(38)
  }
})
