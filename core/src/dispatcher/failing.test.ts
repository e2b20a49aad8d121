import { expect, test } from 'vitest'
import type { ShownState } from '../store/port.ts'
import { delivered, misconfigured, rejected, retry, skipped, unknown, type Outcome } from '../outcome.ts'
import { createMemoryStore } from '../store/memory.ts'
import { createTestOnSignup, type TestOnSignup } from '../testing/create-test-onsignup.ts'
import { engine, plugin, publish, states } from './test-support.ts'

const silence = (): Outcome => retry('connect ECONNREFUSED', { code: 'ECONNREFUSED' })

const ids = (count: number, from = 1): string[] => Array.from({ length: count }, (_, n) => `${from + n}`)

const triesOf = async (onsignup: TestOnSignup) => (await onsignup.deliveries()).map(({ tries }) => tries)

const all = (state: ShownState, count: number): ShownState[] => Array<ShownState>(count).fill(state)

test('after five attempts in a row without an answer the gate closes, and what waits is not tried', async () => {
  const { onsignup, calls, told } = engine(silence)
  await publish(onsignup, ...ids(20))
  await onsignup.clock.advance(0)
  expect(calls.length).toBeLessThanOrEqual(6)
  expect(told).toEqual(['parked team: 5 attempts in a row got no answer (ECONNREFUSED)'])
  expect(await states(onsignup)).toEqual(all('parked', 20))
})

test('one delivery a minute tests whether it answers again, and none is worn out by that', async () => {
  const { onsignup, calls, told } = engine(silence)
  await publish(onsignup, ...ids(7))
  const before = calls.length
  const tries = await triesOf(onsignup)
  await onsignup.clock.advance('10m')
  expect(calls).toHaveLength(before + 10)
  expect(await triesOf(onsignup)).toEqual(tries)
  expect(told).toHaveLength(1)
})

test.each<[string, Outcome]>([
  ['a delivery', delivered()],
  ['an error of the far side', retry('HTTP 500', { code: 'http_500' })],
  ['a refusal', rejected('no such channel')],
])('%s is an answer, and lets all go', async (_what, answer) => {
  let answers = false
  const { onsignup, calls, told } = engine(() => (answers ? answer : silence()))
  await publish(onsignup, ...ids(8))
  const before = calls.length
  answers = true
  await onsignup.clock.advance('1m')
  expect(calls.length).toBeGreaterThan(before + 3)
  expect(told.at(-1)).toBe('released team')
})

test('an answer in between begins the count anew, and what is skipped is neither', async () => {
  let silences = 0
  const { onsignup, told } = engine((id) => {
    if (id.startsWith('skip')) return skipped('nobody')
    silences += 1
    return silences % 5 === 0 ? delivered() : unknown('lost')
  })
  await publish(onsignup, ...ids(4), '5', ...ids(4, 6), '10')
  expect(told).toEqual([])
  const other = engine((id) => (id.startsWith('skip') ? skipped('nobody') : unknown('lost')))
  await publish(other.onsignup, '1', '2', '3', 'skip', '4', '5')
  expect(other.told).toHaveLength(1)
})

test('attempts that the stopping engine cut are no silence of the far side', async () => {
  const told: string[] = []
  const onsignup = createTestOnSignup().use(
    'team',
    plugin(() => new Promise(() => {})),
    { concurrency: 8, timeout: '10s' },
  )
  onsignup.on('parked', ({ connector }) => told.push(connector))
  await publish(onsignup, ...ids(8))
  const closing = onsignup.close()
  await onsignup.clock.advance('20s')
  await closing
  expect(told).toEqual([])
})

test('what waited behind a closed gate does not age: a failure after its release does not end it', async () => {
  let answer = silence()
  const { onsignup } = engine(() => answer, {})
  await publish(onsignup, ...ids(5))
  await onsignup.clock.advance('30d')
  answer = retry('HTTP 500', { code: 'http_500' })
  await onsignup.clock.advance('1m')
  expect(await states(onsignup)).toEqual(all('waiting', 5))
})

test('a closed gate is not tested by two at once, though the first was cut and is not stored yet', async () => {
  const memory = createMemoryStore()
  let isSlow = false
  const slow = Promise.withResolvers<undefined>()
  const settle: typeof memory.settle = async (settlements) => {
    if (isSlow) await slow.promise
    return memory.settle(settlements)
  }
  const calls: string[] = []
  let answers = true
  const onsignup = createTestOnSignup({ store: { ...memory, settle } }).use(
    'team',
    plugin(({ user }) => {
      calls.push(user.id)
      return answers ? misconfigured('no') : new Promise(() => {})
    }),
    { concurrency: 2, timeout: '1s' },
  )
  await publish(onsignup, '1')
  await publish(onsignup, '2', '3')
  answers = false
  isSlow = true
  const before = calls.length
  await onsignup.clock.advance('10m')
  expect(calls.length - before).toBe(1)
  slow.resolve(undefined)
  await onsignup.clock.advance('10m')
  expect(calls.length - before).toBeGreaterThan(1)
})

test('an attempt that the stopping engine cut has not found that the far side answers', async () => {
  const store = createMemoryStore()
  const { onsignup } = engine(silence, { store })
  await publish(onsignup, ...ids(8))
  await onsignup.close()
  const next = createTestOnSignup({ store, clock: onsignup.clock }).use(
    'team',
    plugin(() => new Promise(() => {}), { repeats: 'harmless' }),
    { concurrency: 2, timeout: '10s' },
  )
  const released: string[] = []
  next.on('released', ({ connector }) => released.push(connector))
  await next.start()
  await next.clock.advance('1s')
  const closing = next.close()
  await next.clock.advance('20s')
  await closing
  await store.open(onsignup.clock.now())
  expect(released).toEqual([])
  expect((await store.connectors())[0]?.parked?.code).toBe('failing')
})
