import { expect, test } from 'vitest'
import type { Hook } from '../contract.ts'
import { delivered, misconfigured } from '../outcome.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { BeginMark, ShownState, Store } from '../store/port.ts'
import { createTestOnSignup, type TestOnSignup } from '../testing/create-test-onsignup.ts'
import { engine, plugin, publish, states } from './test-support.ts'

test('a paused connector starts nothing, and goes on where it was when it is resumed', async () => {
  const { onsignup, calls, told } = engine(() => delivered())
  await onsignup.pause('team')
  await onsignup.pause('team')
  await publish(onsignup, '1', '2')
  await onsignup.clock.advance('1h')
  expect([calls, await states(onsignup)]).toEqual([[], ['paused', 'paused']])
  await onsignup.resume('team')
  await onsignup.clock.advance(0)
  expect([calls, await states(onsignup)]).toEqual([
    ['1', '2'],
    ['delivered', 'delivered'],
  ])
  expect(told).toEqual(['paused team', 'resumed team'])
})

test('what waits in memory when its connector is paused is handed back, and what runs ends', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const calls: string[] = []
  const onsignup = createTestOnSignup().use(
    'team',
    plugin(async ({ user }) => {
      calls.push(user.id)
      await promise
    }),
    { concurrency: 1 },
  )
  await publish(onsignup, '1', '2', '3')
  await onsignup.pause('team')
  await onsignup.clock.advance(0)
  expect(await states(onsignup)).toEqual(['running', 'paused', 'paused'])
  resolve(undefined)
  await onsignup.clock.advance('1h')
  expect([calls, await states(onsignup)]).toEqual([['1'], ['delivered', 'paused', 'paused']])
})

test('a paused connector that is parked too sends no canary', async () => {
  const { onsignup, calls } = engine(() => misconfigured('no'))
  await publish(onsignup, '1')
  await onsignup.pause('team')
  await onsignup.clock.advance('1h')
  expect([calls, await states(onsignup)]).toEqual([['1'], ['paused']])
})

test('a parked connector is opened by hand, all of it and at once', async () => {
  let mended = false
  const { onsignup, calls, told } = engine(() => (mended ? delivered() : misconfigured('no')))
  await publish(onsignup, '1')
  await publish(onsignup, '2', '3')
  mended = true
  await onsignup.resume('team')
  await onsignup.clock.advance(0)
  expect(calls.toSorted()).toEqual(['1', '1', '2', '3'])
  expect(told).toEqual(['parked team: no', 'released team'])
})

test('a connector is still paused after a restart', async () => {
  const store = createMemoryStore()
  const first = engine(() => delivered(), { store })
  await first.onsignup.pause('team')
  await publish(first.onsignup, '1')
  await first.onsignup.close()
  const second = engine(() => delivered(), { store })
  await publish(second.onsignup, '2')
  expect([second.calls, await states(second.onsignup)]).toEqual([[], ['paused', 'paused']])
  await second.onsignup.resume('team')
  await second.onsignup.clock.advance(0)
  expect(second.calls).toEqual(['1', '2'])
})

test('a connector that nobody configured can be neither paused nor resumed, and the nearest name is told', async () => {
  const { onsignup } = engine(() => delivered())
  const unknown = { code: 'connector_unknown', mend: 'did you mean team?' }
  await expect(onsignup.pause('taem')).rejects.toMatchObject(unknown)
  await expect(onsignup.resume('taem')).rejects.toMatchObject(unknown)
})

test('what is stored last holds: a fault that was decided before a resume and stored after it closes the gate', async () => {
  const memory = createMemoryStore()
  const { promise: resumed, resolve } = Promise.withResolvers<undefined>()
  let isFirst = true
  const settle: typeof memory.settle = async (settlements) => {
    if (isFirst) await resumed
    isFirst = false
    return memory.settle(settlements)
  }
  const { onsignup, calls } = engine(() => misconfigured('no'), { store: { ...memory, settle } })
  await publish(onsignup, '1')
  await onsignup.resume('team')
  resolve(undefined)
  await onsignup.clock.advance('1m')
  expect(await states(onsignup)).toEqual(['parked'])
  await publish(onsignup, '2')
  expect(calls).toEqual(['1'])
})

/** Told apart by user, whether they end is up to the test. */
const twoConnectors = (store: Store, team: Hook, other: Hook = () => {}) =>
  createTestOnSignup({ store }).use('team', team).use('other', other)

test.each<[string, (onsignup: TestOnSignup) => Promise<unknown>, ShownState]>([
  ['its connector was paused', (onsignup) => onsignup.pause('team'), 'paused'],
  ['its user was forgotten', (onsignup) => onsignup.forget('1'), 'skipped'],
])('what waits to run alone does not start any more after %s', async (_what, stop, state) => {
  const store = createMemoryStore()
  const forever = () => new Promise<void>(() => {})
  await publish(twoConnectors(store, forever), '1')
  const lost = twoConnectors(store, forever)
  await lost.start()
  await lost.clock.advance(0)
  await lost.pause('team')

  const calls: string[] = []
  const marks: BeginMark[] = []
  const begin: Store['begin'] = async (runs, mark) => {
    marks.push(mark)
    await store.begin(runs, mark)
  }
  const other = Promise.withResolvers<void>()
  const onsignup = twoConnectors(
    { ...store, begin },
    ({ user }) => void calls.push(user.id),
    () => other.promise,
  )
  await publish(onsignup, '2')
  await onsignup.resume('team')
  await onsignup.clock.advance(0)
  await stop(onsignup)
  other.resolve()
  await onsignup.clock.advance('1s')
  expect(calls).not.toContain('1')
  expect(marks).toEqual([])
  const [alone] = await onsignup.deliveries()
  expect([alone?.connector, alone?.state]).toEqual(['team', state])
})

test('what waits for the mark of its begin does not start any more after its connector was paused', async () => {
  const memory = createMemoryStore()
  let isFull = true
  const begin: Store['begin'] = async (...args) => {
    if (isFull) throw new Error('disk full')
    await memory.begin(...args)
  }
  const calls: string[] = []
  const onsignup = createTestOnSignup({ store: { ...memory, begin } }).use(
    'team',
    ({ user }) => void calls.push(user.id),
    { on_unknown: 'hold' },
  )
  await publish(onsignup, '1')
  await onsignup.pause('team')
  isFull = false
  await onsignup.clock.advance('2s')
  expect([calls, await states(onsignup)]).toEqual([[], ['paused']])
  await onsignup.resume('team')
  await onsignup.clock.advance(0)
  expect([calls, await states(onsignup)]).toEqual([['1'], ['delivered']])
})
