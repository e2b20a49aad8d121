import { expect, test } from 'vitest'
import type { ShownState } from '../store/port.ts'
import { delivered, rejected, retry, skipped, unknown, type Outcome } from '../outcome.ts'
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
  expect(told).toEqual(['parked team: 5 attempts in a row got no answer; the last: connect ECONNREFUSED'])
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
