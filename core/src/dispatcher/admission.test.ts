import { expect, test } from 'vitest'
import type { Hook } from '../contract.ts'
import { OnSignupError } from '../errors.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { Store } from '../store/port.ts'
import { createTestOnSignup, type TestOnSignup } from '../testing/create-test-onsignup.ts'
import { MOST_UNSETTLED } from './admission.ts'

const user = (id: string) => ({ user: { id } })

/** A hook that never ends: the process that ran it is gone. */
const forever: Hook = () => new Promise<void>(() => {})

/** Engines one after the other on one store, each of which ended as by kill -9 when the next one starts. */
const processes = (hooks: Readonly<Record<string, Hook>>) => {
  const store = createMemoryStore()
  return async (): Promise<TestOnSignup> => {
    const onsignup = createTestOnSignup({ store })
    for (const [name, hook] of Object.entries(hooks)) onsignup.use(name, hook, { timeout: '1m' })
    await onsignup.start()
    await onsignup.clock.advance(0)
    return onsignup
  }
}

test('a delivery that ends its process is found, run with nothing beside it, and given up after five times', async () => {
  const beside: string[] = []
  const running = new Set<string>()
  const watch =
    (name: string): Hook =>
    (event) => {
      if (running.size > 0) beside.push(`${name} ${event.user.id} beside ${[...running].join()}`)
      running.add(event.user.id)
      if (name === 'team' && event.user.id === 'poison') return new Promise<void>(() => {})
      running.delete(event.user.id)
      return undefined
    }
  const start = processes({ team: watch('team'), other: watch('other') })
  const first = await start()
  await first.publish(user('poison'))
  await first.clock.advance(0)
  beside.length = 0
  for (let crash = 0; crash < 2 + 5; crash += 1) {
    running.clear()
    const next = await start()
    if (crash > 0) await next.publish(user(`another-${crash}`))
    await next.clock.advance(0)
    // Until it was lost twice, it may be anything that was in flight.
    if (crash === 0) beside.length = 0
  }
  expect(beside).toEqual([])
  running.clear()
  const last = await start()
  const poison = (await last.deliveries()).filter((each) => each.user.id === 'poison')
  expect(poison.map(({ connector, state }) => [connector, state])).toEqual([
    ['team', 'dead'],
    ['other', 'delivered'],
  ])
  expect(poison[0]?.reason).toMatch(/^killed the process/)
  const others = (await last.deliveries()).filter((each) => each.user.id !== 'poison')
  expect(others.every(({ state }) => state === 'delivered')).toBe(true)
})

test('what must run alone waits for what runs, and what comes after waits for it, thirty seconds at most', async () => {
  const store = createMemoryStore()
  const crash = async (hook: Hook) => {
    const onsignup = createTestOnSignup({ store }).use('team', hook, { timeout: '1m' })
    await onsignup.start()
    await onsignup.clock.advance(0)
    return onsignup
  }
  await (await crash(forever)).publish(user('1'))
  await crash(forever)
  const seen: string[] = []
  const slow: Hook = ({ user: { id } }, { signal }) => {
    seen.push(id)
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  }
  const onsignup = await crash(slow)
  expect(seen).toEqual(['1'])
  await onsignup.publish(user('2'))
  await onsignup.clock.advance('29s')
  expect(seen).toEqual(['1'])
  await onsignup.clock.advance('1s')
  expect(seen).toEqual(['1', '2'])
})

test('while the store refuses a result nothing starts, and all goes on when it takes it', async () => {
  const memory = createMemoryStore()
  let full = false
  const store: Store = {
    ...memory,
    async settle(settlements) {
      if (full) throw new OnSignupError('store_unavailable', 'the disk is full')
      return memory.settle(settlements)
    },
  }
  const started: string[] = []
  const hook =
    (name: string): Hook =>
    ({ user: { id } }) => {
      started.push(`${name} ${id}`)
    }
  const onsignup = createTestOnSignup({ store }).use('team', hook('team')).use('crm', hook('crm'))
  await onsignup.start()
  full = true
  await onsignup.publish(user('1'))
  await onsignup.clock.advance(0)
  await onsignup.publish(user('2'))
  await onsignup.clock.advance('10s')
  expect(started).toEqual(['team 1', 'crm 1'])
  full = false
  await onsignup.clock.advance('1s')
  expect(started).toEqual(['team 1', 'crm 1', 'team 2', 'crm 2'])
  expect((await onsignup.deliveries()).every(({ state }) => state === 'delivered')).toBe(true)
})

test('what runs alone is alone until what came of it is stored, though it was cut and goes on', async () => {
  const start = processes({ team: forever, other: () => {} })
  await (await start()).publish(user('1'))
  await start()
  const onsignup = await start()
  const seen: string[] = []
  onsignup.on('settled', ({ connector, state }) => seen.push(`${connector} ${state}`))
  await onsignup.publish(user('2'))
  await onsignup.clock.advance('30500ms')
  expect(seen).toEqual([])
  await onsignup.clock.advance('500ms')
  expect(seen).toEqual(['team open', 'other delivered'])
})

test('what must run alone waits until what was cut is stored', async () => {
  const store = createMemoryStore()
  const lost = async () => {
    const onsignup = createTestOnSignup({ store })
      .use('team', forever)
      .use('other', () => {})
    await onsignup.start()
    await onsignup.clock.advance(0)
    return onsignup
  }
  await (await lost()).publish(user('1'))
  await (await lost()).pause('team')
  const calls: string[] = []
  const onsignup = createTestOnSignup({ store })
    .use('team', ({ user: { id } }) => void calls.push(id))
    .use('other', forever, { timeout: '10s' })
  await onsignup.publish(user('2'))
  await onsignup.resume('team')
  await onsignup.clock.advance('10500ms')
  expect(calls).toEqual([])
  await onsignup.clock.advance('500ms')
  expect(calls).toContain('1')
})

test('a slot is free again before its result is stored, until too many results wait for that', async () => {
  const memory = createMemoryStore()
  const disk = Promise.withResolvers<void>()
  const store: Store = {
    ...memory,
    async settle(settlements) {
      await disk.promise
      return memory.settle(settlements)
    },
  }
  let calls = 0
  const onsignup = createTestOnSignup({ store }).use('team', () => void (calls += 1), { concurrency: 1 })
  await onsignup.start()
  for (let id = 0; id < 300; id += 1) await onsignup.publish(user(String(id)))
  await onsignup.clock.advance(0)
  expect(calls).toBe(MOST_UNSETTLED)
  disk.resolve()
  await onsignup.drain()
  expect(calls).toBe(300)
  expect((await onsignup.deliveries()).every(({ state }) => state === 'delivered')).toBe(true)
})
