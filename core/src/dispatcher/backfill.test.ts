import { expect, test } from 'vitest'
import { z } from 'zod'
import type { BatchHook } from '../contract.ts'
import { definePlugin } from '../define-plugin.ts'
import { delivered, misconfigured, type Outcome } from '../outcome.ts'
import type { ConnectorSettings } from '../connector.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { Store } from '../store/port.ts'
import { createTestOnSignup } from '../testing/create-test-onsignup.ts'

const earlier = (id: string) => ({ user: { id }, source: { historical: true } })
const ids = (count: number, prefix = 'h'): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`)

/** An engine whose one connector takes a second for each, and the users in the order of their attempts. */
const engine = async (
  settings: ConnectorSettings,
  options: { readonly answer?: () => Outcome; readonly store?: Store } = {},
) => {
  const { answer = () => delivered(), ...more } = options
  const calls: string[] = []
  const onsignup = createTestOnSignup(more)
  onsignup.use(
    'team',
    async ({ user }) => {
      calls.push(user.id)
      await new Promise<void>((resolve) => onsignup.clock.after(1_000, resolve))
      return answer()
    },
    settings,
  )
  await onsignup.start()
  await onsignup.clock.advance('1m')
  const hand = async (count: number) => {
    for (const id of ids(count)) await onsignup.publish(earlier(id))
  }
  const states = async () => (await onsignup.deliveries()).map(({ state }) => state)
  return { onsignup, calls, hand, states }
}

test('nothing runs for who registered before, until a backfill, and then once, in their order', async () => {
  const { onsignup, calls, hand } = await engine({ concurrency: 1 })
  const told: unknown[] = []
  onsignup.on('accepted', ({ connectors }) => told.push(connectors))
  await hand(3)
  await onsignup.clock.advance('1h')
  expect([calls, await onsignup.deliveries(), told]).toEqual([[], [], [[], [], []]])
  expect(await onsignup.backfill('team')).toBe(3)
  await onsignup.clock.advance('10s')
  expect(calls).toEqual(['h0', 'h1', 'h2'])
  expect(await onsignup.backfill('team')).toBe(0)
  await onsignup.clock.advance('10s')
  expect(calls).toHaveLength(3)
})

test.each<[string, ConnectorSettings, number]>([
  ['without a limit', {}, 1],
  ['with a rate', { rate: '1/s' }, 2],
  [
    'with a rate of its own for each',
    { rate: { limit: '1/s', key: '{{ user.tenant }}' }, concurrency: 3 },
    4,
  ],
])('%s, who signs up now does not wait behind those who are backfilled', async (_, settings, most) => {
  const { onsignup, calls, hand } = await engine({ concurrency: 1, ...settings })
  await hand(500)
  await onsignup.backfill('team')
  for (const user of ids(5, 'now')) {
    await onsignup.clock.advance('3500ms')
    await onsignup.publish({ user: { id: user } })
    const before = calls.length
    await onsignup.clock.advance('3500ms')
    expect(calls.indexOf(user) - before, user).toBeLessThan(most)
    expect(calls).toContain(user)
  }
  // Nor do those wait for ever.
  expect(calls.length).toBeGreaterThan(25)
  await onsignup.clock.advance('20m')
  expect(new Set(calls).size).toBe(505)
  expect(calls).toHaveLength(505)
})

test('a rate holds for those who are backfilled, and for those who sign up, together', async () => {
  const { onsignup, calls, hand } = await engine({ concurrency: 20, rate: '2/s' })
  await hand(100)
  await onsignup.backfill('team')
  await onsignup.clock.advance(0)
  const before = calls.length
  for (const user of ids(4, 'now')) await onsignup.publish({ user: { id: user } })
  await onsignup.clock.advance('10s')
  expect(calls.length - before).toBe(20)
  expect(calls.slice(before, before + 5).filter((id) => id.startsWith('now'))).toHaveLength(4)
})

test('they fill batches, at once, and take along who signs up', async () => {
  const calls: string[][] = []
  const hook: BatchHook = async (items) => {
    calls.push(items.map(({ event }) => event.user.id))
    return items.map(() => delivered())
  }
  const plugin = definePlugin({
    name: 'crm',
    options: z.object({}),
    connect: () => ({ postUserRegistrationBatch: hook }),
  })
  const onsignup = createTestOnSignup().use('crm', plugin, { batch: { max_records: 4, max_wait: '1m' } })
  for (const id of ids(6)) await onsignup.publish(earlier(id))
  await onsignup.publish({ user: { id: 'now' } })
  await onsignup.clock.advance(0)
  expect(calls).toEqual([])
  await onsignup.backfill('crm')
  await onsignup.clock.advance(0)
  expect(calls).toEqual([
    ['now', 'h0', 'h1', 'h2'],
    ['h3', 'h4', 'h5'],
  ])
})

test('a parked connector is tried with one of them when there is nothing else', async () => {
  let mended = false
  const { onsignup, calls, hand, states } = await engine(
    { concurrency: 2 },
    { answer: () => (mended ? delivered() : misconfigured('no')) },
  )
  await onsignup.publish({ user: { id: 'now' } })
  await onsignup.clock.advance('2s')
  await hand(3)
  await onsignup.backfill('team')
  // The one that parked it is due again, and is not there any more.
  await onsignup.forget('now')
  await onsignup.clock.advance('2s')
  expect([calls, await states()]).toEqual([['now'], ['skipped', 'parked', 'parked', 'parked']])
  mended = true
  await onsignup.clock.advance('6m')
  expect(calls).toEqual(['now', 'h0', 'h1', 'h2'])
  expect(await states()).toEqual(['skipped', 'delivered', 'delivered', 'delivered'])
})

test('those in memory wait while their connector is paused, and are handed back at a stop', async () => {
  const store = createMemoryStore()
  const { onsignup, calls, hand, states } = await engine({ concurrency: 1 }, { store })
  await hand(5)
  await onsignup.backfill('team')
  await onsignup.clock.advance(0)
  await onsignup.pause('team')
  await onsignup.clock.advance('1h')
  expect([calls, await states()]).toEqual([['h0'], ['delivered', ...Array(4).fill('paused')]])
  await onsignup.resume('team')
  await onsignup.clock.advance(0)
  expect(calls).toEqual(['h0', 'h1'])
  await onsignup.close()
  const next = await engine({ concurrency: 1 }, { store })
  await next.onsignup.clock.advance('1m')
  expect(next.calls).toEqual(['h2', 'h3', 'h4'])
  const histories = (await next.onsignup.deliveries()).map(({ attempts }) => attempts.length)
  expect(histories).toEqual([1, 1, 1, 1, 1])
})

test('they are claimed into memory many at a time, not one for each slot', async () => {
  const memory = createMemoryStore()
  const claimed: number[] = []
  const claimIdle: Store['claimIdle'] = async (...args) => {
    const claims = await memory.claimIdle(...args)
    if (claims.length > 0) claimed.push(claims.length)
    return claims
  }
  const { onsignup, hand } = await engine({ concurrency: 50 }, { store: { ...memory, claimIdle } })
  await hand(300)
  await onsignup.backfill('team')
  await onsignup.clock.advance('10s')
  expect(claimed).toEqual([200, 100])
})

test('those in memory are no ghosts of a write whose answer was lost', async () => {
  const memory = createMemoryStore()
  let fails = false
  const append: Store['append'] = async (accepts) => {
    if (fails) throw new Error('I/O error')
    return memory.append(accepts)
  }
  const { onsignup, calls, hand } = await engine({ concurrency: 1 }, { store: { ...memory, append } })
  await hand(120)
  await onsignup.backfill('team')
  await onsignup.clock.advance(0)
  fails = true
  await onsignup.tryPublish({ user: { id: 'lost' } })
  await onsignup.clock.advance('5m')
  expect(calls).toEqual(ids(120))
})

test('one that is forgotten while it is in memory is not started', async () => {
  const { onsignup, calls, hand } = await engine({ concurrency: 1 })
  await hand(3)
  await onsignup.backfill('team')
  await onsignup.clock.advance(0)
  await onsignup.forget('h1')
  await onsignup.clock.advance('10s')
  expect(calls).toEqual(['h0', 'h2'])
})

test('a store that fails while it hands them out is asked again', async () => {
  const memory = createMemoryStore()
  let fails = true
  const claimIdle: Store['claimIdle'] = async (...args) => {
    if (fails) throw new Error('I/O error')
    return memory.claimIdle(...args)
  }
  const { onsignup, calls, hand } = await engine({}, { store: { ...memory, claimIdle } })
  await hand(2)
  await onsignup.backfill('team')
  await onsignup.clock.advance(0)
  expect(calls).toEqual([])
  fails = false
  await onsignup.clock.advance('5s')
  expect(calls).toEqual(['h0', 'h1'])
})

test('what a store added before it failed is delivered', async () => {
  const memory = createMemoryStore()
  const backfill: Store['backfill'] = async (...args) => {
    await memory.backfill(...args)
    throw new Error('I/O error')
  }
  const { onsignup, calls, hand } = await engine({}, { store: { ...memory, backfill } })
  await hand(1)
  await expect(onsignup.backfill('team')).rejects.toThrow('I/O error')
  await onsignup.clock.advance(0)
  expect(calls).toEqual(['h0'])
})

test('a connector that is not configured is not backfilled, and a period must be one', async () => {
  const { onsignup } = await engine({})
  await expect(onsignup.backfill('taem')).rejects.toMatchObject({
    code: 'connector_unknown',
    mend: 'did you mean team?',
  })
  const at = new Date('2026-01-01T00:00:00Z')
  for (const period of [{ since: at, until: at }, { since: new Date('soon') }]) {
    await expect(onsignup.backfill('team', period)).rejects.toMatchObject({ code: 'period_invalid' })
  }
})

test('those who registered in a period are backfilled alone', async () => {
  const { onsignup, calls } = await engine({})
  for (const year of ['2023', '2024', '2025']) {
    await onsignup.publish({ ...earlier(year), occurredAt: `${year}-06-01T00:00:00Z` })
  }
  const period = { since: new Date('2024-01-01T00:00:00Z'), until: new Date('2025-01-01T00:00:00Z') }
  expect(await onsignup.backfill('team', period)).toBe(1)
  await onsignup.clock.advance(0)
  expect(calls).toEqual(['2024'])
})
