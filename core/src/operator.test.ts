import { expect, test } from 'vitest'
import { operatorOf } from './operator.ts'
import { createMemoryStore } from './store/memory.ts'
import { createTestOnSignup } from './testing/create-test-onsignup.ts'
import { createTestClock } from './testing/test-clock.ts'

const PARKED = { since: 1, code: 'invalid_auth', reason: 'refused', mend: null, probeAt: 2 }

const setUp = async () => {
  const store = createMemoryStore()
  const clock = createTestClock()
  await store.open(clock.now())
  const [gone] = await store.register([{ name: 'gone', uses: 'function' }])
  const [team] = await store.register([{ name: 'team', uses: 'function' }])
  const gate = async () => (await store.connectors()).find(({ name }) => name === 'team')
  return { store, clock, operator: operatorOf(store, clock), gone: gone?.id ?? 0, team: team?.id ?? 0, gate }
}

test('what is paused on a stopped store is found paused by the engine that starts next', async () => {
  const { store, clock, operator } = await setUp()
  await operator.pause('team')
  let calls = 0
  const onsignup = createTestOnSignup({ store, clock }).use('team', () => void (calls += 1))
  await onsignup.publish({ user: { id: '1' } })
  await onsignup.drain()
  expect(calls).toBe(0)
  await onsignup.close()
  await store.open(clock.now())
  await operatorOf(store, clock).resume('team')
  const again = createTestOnSignup({ store, clock }).use('team', () => void (calls += 1))
  await again.start()
  await again.drain()
  expect(calls).toBe(1)
  await again.close()
})

test('a parked connector is released by resume, as of that time', async () => {
  const { store, clock, operator, team, gate } = await setUp()
  await store.changeGate({ connector: team, parked: PARKED })
  await operator.resume('team')
  expect(await gate()).toMatchObject({ parked: null, paused: null, released: clock.now() })
  await operator.pause('team')
  await operator.resume('team')
  expect(await gate()).toMatchObject({ paused: null, released: clock.now() })
})

test('one that is configured no more, or never was, is not paused; the nearest is named', async () => {
  const { operator } = await setUp()
  await expect(operator.pause('gone')).rejects.toMatchObject({
    code: 'connector_unknown',
    message: 'no connector named gone was configured when the service last started',
    mend: 'name one of team',
  })
  await expect(operator.resume('taem')).rejects.toMatchObject({ mend: 'did you mean team?' })
})

test('in a store without connectors there is none to name', async () => {
  const store = createMemoryStore()
  await store.open(0)
  await expect(operatorOf(store, createTestClock()).pause('team')).rejects.toMatchObject({
    mend: 'there is none',
  })
})
