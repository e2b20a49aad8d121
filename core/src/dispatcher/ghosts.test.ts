import { expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory.ts'
import type { Accept, Store } from '../store/port.ts'
import { createTestOnSignup } from '../testing/create-test-onsignup.ts'
import { states } from './test-support.ts'

const bornFree = (accept: Accept): Accept => ({
  ...accept,
  deliveries: accept.deliveries.map(({ connector }) => ({ connector, skipped: null })),
})

const lost = () => new Error('the answer was lost')

test('what is stored though publish was told that the store cannot write is delivered', async () => {
  const memory = createMemoryStore()
  const store: Store = {
    ...memory,
    async append(accepts) {
      await memory.append(accepts)
      throw lost()
    },
  }
  const sent: string[] = []
  const onsignup = createTestOnSignup({ store }).use('team', ({ user }) => void sent.push(user.id))
  await expect(onsignup.publish({ user: { id: '1' } })).rejects.toThrow('the store cannot write')
  expect(await states(onsignup)).toEqual(['running'])
  await onsignup.clock.advance('5s')
  expect(sent).toEqual(['1'])
  expect(await states(onsignup)).toEqual(['delivered'])
})

test('what is claimed though the answer was lost is handed out anew, once', async () => {
  const memory = createMemoryStore()
  let fails = true
  const store: Store = {
    ...memory,
    async append(accepts) {
      return memory.append(accepts.map(bornFree))
    },
    async claim(...args) {
      const claims = await memory.claim(...args)
      if (claims.length === 0 || !fails) return claims
      fails = false
      throw lost()
    },
  }
  const sent: string[] = []
  const onsignup = createTestOnSignup({ store }).use('team', ({ user }) => void sent.push(user.id))
  await onsignup.publish({ user: { id: '1' } })
  await onsignup.clock.advance('4s')
  expect(sent).toEqual([])
  await onsignup.clock.advance('1s')
  expect(sent).toEqual(['1'])
  expect(await states(onsignup)).toEqual(['delivered'])
})

test('what runs or waits in memory is not given back when a write was refused', async () => {
  const memory = createMemoryStore()
  let fails = false
  const released: number[] = []
  const store: Store = {
    ...memory,
    append: async (accepts) => (fails ? Promise.reject(lost()) : memory.append(accepts)),
    async release(runs, due) {
      released.push(...runs.map(({ delivery }) => delivery))
      return memory.release(runs, due)
    },
  }
  const started: string[] = []
  const onsignup = createTestOnSignup({ store }).use(
    'team',
    async ({ user }) => {
      started.push(user.id)
      await new Promise<void>((resolve) => onsignup.clock.after(8_000, resolve))
    },
    { concurrency: 1 },
  )
  for (const id of ['1', '2']) await onsignup.publish({ user: { id } })
  fails = true
  await expect(onsignup.publish({ user: { id: '3' } })).rejects.toThrow('the store cannot write')
  await onsignup.clock.advance('20s')
  expect(started).toEqual(['1', '2'])
  expect(released).toEqual([])
  expect(await states(onsignup)).toEqual(['delivered', 'delivered'])
})

test('the store is asked again what it holds until it answers', async () => {
  const memory = createMemoryStore()
  let asked = 0
  const store: Store = {
    ...memory,
    async append(accepts) {
      await memory.append(accepts)
      throw lost()
    },
    async held() {
      asked += 1
      if (asked < 3) throw new Error('disk gone')
      return memory.held()
    },
  }
  const sent: string[] = []
  const onsignup = createTestOnSignup({ store }).use('team', ({ user }) => void sent.push(user.id))
  await expect(onsignup.publish({ user: { id: '1' } })).rejects.toThrow('the store cannot write')
  await onsignup.clock.advance('15s')
  expect(sent).toEqual(['1'])
})

test('what is stored free though the answer was lost is found', async () => {
  const memory = createMemoryStore()
  let isLost = false
  const store: Store = {
    ...memory,
    async append(accepts) {
      if (!isLost) return memory.append(accepts)
      await memory.append(accepts.map(bornFree))
      throw lost()
    },
  }
  const sent: string[] = []
  const onsignup = createTestOnSignup({ store }).use('team', ({ user }) => void sent.push(user.id))
  await onsignup.publish({ user: { id: '1' } })
  await onsignup.clock.advance(0)
  isLost = true
  await expect(onsignup.publish({ user: { id: '2' } })).rejects.toThrow('the store cannot write')
  await onsignup.clock.advance('5s')
  expect(sent).toEqual(['1', '2'])
})
