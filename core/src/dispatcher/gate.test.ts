import { expect, test } from 'vitest'
import type { Finding, Hook } from '../contract.ts'
import { delivered, misconfigured, rejected, retry, throttled, type Outcome } from '../outcome.ts'
import { createMemoryStore } from '../store/memory.ts'
import { createTestOnSignup } from '../testing/create-test-onsignup.ts'
import { engine, plugin, publish, states } from './test-support.ts'

test('a misconfiguration parks the connector, once and not its deliveries: they wait without being tried', async () => {
  const { onsignup, calls, told } = engine(() => misconfigured('token revoked'))
  await publish(onsignup, '1', '2', '3', '4')
  expect(calls.length).toBeLessThanOrEqual(2)
  expect(told).toEqual(['parked team: token revoked'])
  expect(await states(onsignup)).toEqual(['parked', 'parked', 'parked', 'parked'])
  expect((await onsignup.deliveries()).map(({ tries }) => tries)).toEqual([0, 0, 0, 0])
})

test('what is published behind a closed gate is accepted and waits', async () => {
  const { onsignup, calls } = engine(() => misconfigured('no'))
  await publish(onsignup, '1')
  await publish(onsignup, '2', '3')
  expect(calls).toEqual(['1'])
  expect(await states(onsignup)).toEqual(['parked', 'parked', 'parked'])
})

test('one delivery at a time tests a closed gate, every five minutes', async () => {
  const { onsignup, calls, told } = engine(() => misconfigured('no'))
  await publish(onsignup, '1')
  await publish(onsignup, '2', '3')
  await onsignup.clock.advance('299s')
  expect(calls).toHaveLength(1)
  await onsignup.clock.advance('1s')
  expect(calls).toHaveLength(2)
  await onsignup.clock.advance('15m')
  expect(calls).toHaveLength(5)
  expect(told).toEqual(['parked team: no'])
})

test('a canary that comes through opens the gate for all', async () => {
  let mended = false
  const { onsignup, calls, told } = engine(() => (mended ? delivered() : misconfigured('no')))
  await publish(onsignup, '1')
  await publish(onsignup, '2', '3')
  mended = true
  await onsignup.clock.advance('5m')
  expect(calls).toHaveLength(4)
  expect(told).toEqual(['parked team: no', 'released team'])
  expect(await states(onsignup)).toEqual(['delivered', 'delivered', 'delivered'])
})

test('a canary that is due later is waited for', async () => {
  let answer: Outcome = retry('down', { after: 400_000 })
  const { onsignup, calls } = engine(() => answer)
  await publish(onsignup, '1')
  answer = misconfigured('no')
  await onsignup.clock.advance('400s')
  answer = retry('down', { after: 600_000 })
  await onsignup.clock.advance('300s')
  expect(calls).toHaveLength(3)
  answer = delivered()
  await onsignup.clock.advance('599s')
  expect(calls).toHaveLength(3)
  await onsignup.clock.advance('1s')
  expect(await states(onsignup)).toEqual(['delivered'])
})

test('the check of its plugin is asked before a canary is risked, and opens no gate itself', async () => {
  let works = false
  let checks = 0
  const { onsignup, calls, told } = engine(() => misconfigured('no'), {
    check: async () => {
      checks += 1
      return [{ state: works ? 'proved' : 'failed', what: 'the token works' }]
    },
  })
  await publish(onsignup, '1')
  await onsignup.clock.advance('10m')
  expect([checks, calls.length]).toEqual([2, 1])
  works = true
  await onsignup.clock.advance('5m')
  expect([checks, calls.length]).toEqual([3, 2])
  expect(told).toEqual(['parked team: no'])
})

test.each([
  ['throws', () => Promise.reject(new Error('down'))],
  [
    'throws at once',
    () => {
      throw new Error('down')
    },
  ],
  ['returns no list', async (): Promise<readonly Finding[]> => JSON.parse('null')],
])('a check that %s risks no canary and is asked again in five minutes', async (_what, check) => {
  let checks = 0
  const { onsignup, calls } = engine(() => misconfigured('no'), {
    check: () => {
      checks += 1
      return check()
    },
  })
  await publish(onsignup, '1')
  await onsignup.clock.advance('14m')
  expect([checks, calls.length]).toEqual([2, 1])
})

test('a check that hangs is given up at the timeout, and does not hold up a stop', async () => {
  const signals: AbortSignal[] = []
  const { onsignup, calls } = engine(() => misconfigured('no'), {
    check: ({ signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    },
  })
  await publish(onsignup, '1')
  await onsignup.clock.advance('310s')
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  await onsignup.clock.advance('300s')
  await onsignup.close()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  expect(calls).toHaveLength(1)
})

test('a gate stays closed over a restart, and is tested at once, since a start may follow the mend', async () => {
  const store = createMemoryStore()
  const before = engine(() => misconfigured('no'), { store })
  await publish(before.onsignup, '1')
  await before.onsignup.close()
  const after = engine(() => delivered(), { store, clock: before.onsignup.clock })
  await after.onsignup.start()
  await after.onsignup.drain()
  expect(after.told).toEqual(['released team'])
  expect(await states(after.onsignup)).toEqual(['delivered'])
})

test('a canary that is skipped has tested nothing, and the next one goes at once', async () => {
  let mended = false
  const calls: string[] = []
  const onsignup = createTestOnSignup().use(
    'team',
    plugin(({ user }) => {
      calls.push(user.id)
      return mended ? delivered() : misconfigured('no')
    }),
    { if: 'user.name != "skip me" or user.createdAt', concurrency: 1 },
  )
  await publish(onsignup, '1')
  await onsignup.publish({ user: { id: '2', name: 'skip me' } })
  await publish(onsignup, '3')
  await onsignup.clock.advance('5m')
  expect(calls).toEqual(['1', '1'])
  mended = true
  await onsignup.clock.advance('5m')
  expect(calls).toEqual(['1', '1', '3', '1'])
  expect(await states(onsignup)).toEqual(['delivered', 'skipped', 'delivered'])
})

test('a delivery that is misconfigured alone, between the successes of others, ends as dead', async () => {
  const { onsignup, calls } = engine((id) => (id === 'bad' ? misconfigured('no such field') : delivered()))
  await publish(onsignup, 'good 1')
  await publish(onsignup, 'bad')
  for (const round of ['2', '3', '4', '5']) {
    await publish(onsignup, `good ${round}`)
    await onsignup.clock.advance('10m')
  }
  expect(calls.filter((id) => id === 'bad').length).toBeGreaterThanOrEqual(3)
  const bad = (await onsignup.deliveries()).find(({ user }) => user.id === 'bad')
  expect(bad).toMatchObject({ state: 'dead', reason: expect.stringContaining('it alone was refused') })
  expect((await states(onsignup)).filter((state) => state === 'delivered')).toHaveLength(5)
})

test('a canary waits until what was in flight when the gate closed has ended', async () => {
  const onsignup = createTestOnSignup()
  const calls: string[] = []
  const slow: Hook = async ({ user }) => {
    calls.push(user.id)
    if (user.id === '2') return misconfigured('no')
    await new Promise<void>((resolve) => onsignup.clock.after(480_000, resolve))
    return delivered()
  }
  onsignup.use('team', slow, { timeout: '20m' })
  await publish(onsignup, '1', '2')
  await onsignup.clock.advance('479s')
  expect(calls).toEqual(['1', '2'])
  await onsignup.clock.advance('1s')
  expect(calls).toEqual(['1', '2', '2'])
})

test('an episode that a refusal ended is no success of others', async () => {
  const { onsignup } = engine((id) => {
    if (id === 'good') return delivered()
    return id === 'bad' ? misconfigured('no') : rejected('no')
  })
  await publish(onsignup, 'good')
  await publish(onsignup, 'bad')
  for (let round = 0; round < 6; round += 1) {
    await publish(onsignup, `refused ${round}`)
    await onsignup.clock.advance('10m')
  }
  const bad = (await onsignup.deliveries()).find(({ user }) => user.id === 'bad')
  expect(bad).toMatchObject({ state: 'parked' })
})

test('a delivery that is misconfigured while nothing else succeeds is never dead for it', async () => {
  const { onsignup } = engine(() => misconfigured('no'))
  await publish(onsignup, '1')
  await onsignup.clock.advance('24h')
  expect(await states(onsignup)).toEqual(['parked'])
})

test('a far side that limits the rate is left alone for its time in full, by all deliveries', async () => {
  let answer: Outcome = throttled('slow', { after: 60_000 })
  const { onsignup, calls, told } = engine(() => answer)
  await publish(onsignup, '1')
  answer = delivered()
  await publish(onsignup, '2')
  await onsignup.clock.advance('59999ms')
  expect(calls).toEqual(['1'])
  await onsignup.clock.advance('1ms')
  expect(calls.toSorted()).toEqual(['1', '1', '2'])
  expect(told).toEqual([])
})

test('the longer of two rate limits holds', async () => {
  const onsignup = createTestOnSignup()
  const calls: string[] = []
  onsignup.use('team', async ({ user }) => {
    calls.push(user.id)
    if (calls.length > 2) return delivered()
    await new Promise<void>((resolve) => onsignup.clock.after(user.id === '1' ? 1_000 : 2_000, resolve))
    return throttled('slow', { after: user.id === '1' ? 60_000 : 30_000 })
  })
  await publish(onsignup, '1', '2')
  await onsignup.clock.advance('60s')
  expect(calls).toEqual(['1', '2'])
  await onsignup.clock.advance('1s')
  expect(calls.toSorted()).toEqual(['1', '1', '2', '2'])
})

test('a rate limit holds over a restart', async () => {
  const store = createMemoryStore()
  const before = engine(() => throttled('slow', { after: 60_000 }), { store })
  await publish(before.onsignup, '1')
  await before.onsignup.close()
  const after = engine(() => delivered(), { store, clock: before.onsignup.clock })
  await after.onsignup.start()
  await publish(after.onsignup, '2')
  expect(after.calls).toEqual([])
  await after.onsignup.clock.advance('60s')
  expect(after.calls).toHaveLength(2)
})

test('with pause: false only the delivery itself waits', async () => {
  const { onsignup, calls } = engine((id) =>
    id === '1' ? throttled('slow', { after: 60_000, pause: false }) : delivered(),
  )
  await publish(onsignup, '1')
  await publish(onsignup, '2')
  expect(calls).toEqual(['1', '2'])
  expect(await states(onsignup)).toEqual(['waiting', 'delivered'])
})

test('a rejected delivery closes no gate', async () => {
  const { onsignup, told } = engine((id) => (id === '1' ? rejected('no') : delivered()))
  await publish(onsignup, '1', '2')
  expect(await states(onsignup)).toEqual(['dead', 'delivered'])
  expect(told).toEqual([])
})

test('a fault that comes back is news after ten minutes and a success only', async () => {
  let isRight = true
  const { onsignup } = engine(() => (isRight ? delivered() : misconfigured('token revoked')))
  const again: boolean[] = []
  onsignup.on('parked', (episode) => again.push(episode.again))
  const breakFor = async (id: string) => {
    isRight = false
    await publish(onsignup, `${id} breaks`)
    isRight = true
    await onsignup.clock.advance('5m')
  }
  await breakFor('1')
  await breakFor('2')
  await onsignup.clock.advance('10m')
  await breakFor('3')
  expect(again).toEqual([false, true, false])
})

test.each<[string, Outcome]>([
  ['misconfigured', misconfigured('no')],
  ['limited in its rate', throttled('slow', { after: 60_000 })],
])('what the store hands out while the connector is found %s does not start', async (_what, answer) => {
  const memory = createMemoryStore()
  const handedOut = Promise.withResolvers<void>()
  let isSlow = false
  const claim: typeof memory.claim = async (...args) => {
    const claims = await memory.claim(...args)
    if (isSlow) await handedOut.promise
    return claims
  }
  const first = Promise.withResolvers<Outcome>()
  const calls: string[] = []
  const onsignup = createTestOnSignup({ store: { ...memory, claim } }).use(
    'team',
    plugin(({ user }) => {
      calls.push(user.id)
      return calls.length === 1 ? first.promise : delivered()
    }),
    { concurrency: 2 },
  )
  await onsignup.pause('team')
  await publish(onsignup, '1')
  await onsignup.resume('team')
  await onsignup.clock.advance(0)
  isSlow = true
  await onsignup.pause('team')
  await publish(onsignup, '2')
  await onsignup.resume('team')
  await onsignup.clock.advance(0)
  first.resolve(answer)
  await onsignup.clock.advance(0)
  handedOut.resolve()
  await onsignup.clock.advance('1s')
  expect(calls).toEqual(['1'])
})
