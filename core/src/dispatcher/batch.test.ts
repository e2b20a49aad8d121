import { expect, test } from 'vitest'
import { z } from 'zod'
import type { BatchHook, Connector } from '../contract.ts'
import { definePlugin } from '../define-plugin.ts'
import { delivered, rejected, retry, throttled, type Outcome } from '../outcome.ts'
import { createTestOnSignup } from '../testing/create-test-onsignup.ts'

const batching = (hook: BatchHook, more: Partial<Connector> = {}) =>
  definePlugin({
    name: 'batching',
    options: z.object({}),
    connect: () => ({ ...more, postUserRegistrationBatch: hook }),
  })

/** An engine whose one connector takes batches, and the users of each call. */
const engine = (answer: (users: readonly string[]) => Promise<readonly Outcome[]>, max_records = 4) => {
  const calls: string[][] = []
  const hook: BatchHook = async (items) => {
    const users = items.map(({ event }) => event.user.id)
    calls.push(users)
    return answer(users)
  }
  const onsignup = createTestOnSignup().use('crm', batching(hook), {
    timeout: '5s',
    batch: { max_records, max_wait: '2s' },
  })
  const publish = async (...ids: string[]) => {
    for (const id of ids) await onsignup.publish({ user: { id } })
  }
  const states = async () => (await onsignup.deliveries()).map(({ state }) => state)
  return { onsignup, calls, publish, states }
}

const all = async (users: readonly string[]) => users.map(() => delivered())

test('a full batch goes at once', async () => {
  const { onsignup, calls, publish } = engine(all)
  await publish('1', '2', '3', '4')
  await onsignup.clock.advance(0)
  expect(calls).toEqual([['1', '2', '3', '4']])
})

test('a batch that is not full waits for others, no longer than max_wait from its first', async () => {
  const { onsignup, calls, publish } = engine(all)
  await publish('1')
  await onsignup.clock.advance('1s')
  await publish('2')
  await onsignup.clock.advance('999ms')
  expect(calls).toEqual([])
  await onsignup.clock.advance('1ms')
  expect(calls).toEqual([['1', '2']])
})

test('what is over a full batch is the beginning of the next', async () => {
  const { onsignup, calls, publish } = engine(all)
  await publish('1', '2', '3', '4', '5')
  await onsignup.clock.advance('2s')
  expect(calls).toEqual([['1', '2', '3', '4'], ['5']])
})

test('each item of a batch has its own outcome', async () => {
  const { onsignup, publish, states } = engine(async (users) =>
    users.map((id) => (id === '2' ? rejected('no') : id === '3' ? retry('later') : delivered())),
  )
  await publish('1', '2', '3', '4')
  await onsignup.clock.advance(0)
  expect(await states()).toEqual(['delivered', 'dead', 'waiting', 'delivered'])
})

test.each([
  ['throws', () => Promise.reject(new Error('bad record'))],
  ['is rejected', () => Promise.reject(rejected('bad record'))],
])('a batch that %s is halved until the culprit is alone', async (_what, refuse) => {
  const { onsignup, calls, publish, states } = engine((users) =>
    users.includes('3') ? refuse() : all(users),
  )
  await publish('1', '2', '3', '4')
  await onsignup.clock.advance(0)
  expect(calls).toEqual([['1', '2', '3', '4'], ['1', '2'], ['3', '4'], ['3'], ['4']])
  const [one, two, culprit, four] = await onsignup.deliveries()
  expect([one, two, four].map((delivery) => delivery?.tries)).toEqual([0, 0, 0])
  expect(culprit?.attempts).toHaveLength(1)
  expect((await states()).filter((state) => state === 'delivered')).toHaveLength(3)
})

test('a failure that is everybody’s is not halved', async () => {
  const { onsignup, calls, publish, states } = engine(() =>
    Promise.reject(throttled('slow', { after: 60_000 })),
  )
  await publish('1', '2', '3', '4')
  await onsignup.clock.advance(0)
  expect(calls).toHaveLength(1)
  expect(await states()).toEqual(['waiting', 'waiting', 'waiting', 'waiting'])
})

test.each([
  ['too few', async (): Promise<readonly Outcome[]> => [delivered()]],
  ['too many', async (users: readonly string[]) => [...users, 'more'].map(() => delivered())],
])('%s outcomes are nobody’s: the batch is halved until each has its own', async (_what, answer) => {
  const { onsignup, calls, publish, states } = engine((users) =>
    users.length === 1 ? all(users) : answer(users),
  )
  await publish('1', '2', '3', '4')
  await onsignup.clock.advance(0)
  expect(calls.map((users) => users.length)).toEqual([4, 2, 1, 1, 2, 1, 1])
  expect(await states()).toEqual(['delivered', 'delivered', 'delivered', 'delivered'])
})

test('a single item without an outcome is tried again, and told what is wrong', async () => {
  const { onsignup, publish } = engine(async () => [])
  await publish('1')
  await onsignup.clock.advance('2s')
  expect(await onsignup.deliveries()).toMatchObject([
    {
      state: 'waiting',
      reason: expect.stringMatching(/^the batch hook gave 0 outcomes for 1 deliveries → return one outcome/),
      attempts: [{ code: 'invalid_outcome' }],
    },
  ])
})

test('items whose if is false are not in the batch', async () => {
  const seen: string[][] = []
  const hook: BatchHook = async (items) => {
    seen.push(items.map(({ event }) => event.user.id))
    return items.map(() => delivered())
  }
  const onsignup = createTestOnSignup().use('crm', batching(hook), {
    if: 'user.emailVerified',
    batch: { max_records: 2, max_wait: '1s' },
  })
  await onsignup.publish({ user: { id: '1' } })
  await onsignup.publish({ user: { id: '2', emailVerified: true } })
  await onsignup.drain()
  expect(seen).toEqual([['2']])
  expect((await onsignup.deliveries()).map(({ state }) => state)).toEqual(['skipped', 'delivered'])
})

test('what was known of a batch when its time was over stays known; only the rest is unknown', async () => {
  const { onsignup, calls, publish, states } = engine((users) => {
    if (users.length === 4) return Promise.reject(new Error('bad record'))
    return users.includes('3') ? new Promise(() => {}) : all(users)
  })
  await publish('1', '2', '3', '4')
  await onsignup.clock.advance('6s')
  expect(calls).toEqual([
    ['1', '2', '3', '4'],
    ['1', '2'],
    ['3', '4'],
  ])
  expect(await states()).toEqual(['delivered', 'delivered', 'waiting', 'waiting'])
  const [, , three] = await onsignup.deliveries()
  expect(three?.attempts).toMatchObject([{ outcome: 'unknown', code: 'timeout' }])
})

test('after the cut no half is begun any more', async () => {
  const first = Promise.withResolvers<readonly Outcome[]>()
  const { onsignup, calls, publish, states } = engine((users) => {
    if (users.length === 4) return Promise.reject(new Error('bad record'))
    return first.promise
  })
  await publish('1', '2', '3', '4')
  await onsignup.clock.advance('5500ms')
  first.resolve([delivered(), delivered()])
  await onsignup.clock.advance(0)
  expect(calls).toEqual([
    ['1', '2', '3', '4'],
    ['1', '2'],
  ])
  expect(await states()).toEqual(['delivered', 'delivered', 'waiting', 'waiting'])
  const [, , three] = await onsignup.deliveries()
  expect(three?.reason).toBe('the time was over before its turn came')
})

test('without a batch setting a batch hook gets one at a time', async () => {
  const sizes: number[] = []
  const hook: BatchHook = async (items) => {
    sizes.push(items.length)
    return items.map(() => delivered())
  }
  const onsignup = createTestOnSignup().use('crm', batching(hook))
  for (const id of ['1', '2']) await onsignup.publish({ user: { id } })
  await onsignup.drain()
  expect(sizes).toEqual([1, 1])
})

test('a batch of one goes to the single hook where there is one', async () => {
  const single: string[] = []
  const plugin = batching(() => Promise.reject(new Error('not for one')), {
    postUserRegistration: ({ user }) => void single.push(user.id),
  })
  const onsignup = createTestOnSignup().use('crm', plugin, { batch: { max_records: 4, max_wait: '1s' } })
  await onsignup.publish({ user: { id: '1' } })
  await onsignup.clock.advance('1s')
  expect(single).toEqual(['1'])
})

test('each item carries its own key and try', async () => {
  const keys: string[] = []
  const tries: number[] = []
  const hook: BatchHook = async (items) => {
    for (const { idempotencyKey, attempt } of items) {
      keys.push(idempotencyKey)
      tries.push(attempt)
    }
    return items.map(() => (tries.length <= 2 ? retry('again') : delivered()))
  }
  const onsignup = createTestOnSignup().use('crm', batching(hook), {
    batch: { max_records: 2, max_wait: '1s' },
  })
  for (const id of ['1', '2']) await onsignup.publish({ user: { id } })
  await onsignup.clock.advance('1m')
  expect(tries).toEqual([1, 1, 2, 2])
  expect(new Set(keys).size).toBe(2)
})

test('a batch that gets no answer counts once towards the closing of the gate', async () => {
  const { onsignup, publish, states } = engine(async () => {
    throw retry('no answer', { code: 'no_answer' })
  })
  await publish('1', '2', '3', '4', '5', '6', '7', '8')
  await onsignup.clock.advance(0)
  expect(await states()).toEqual(Array(8).fill('waiting'))
  await onsignup.clock.advance('1h')
  expect(await states()).toEqual(Array(8).fill('parked'))
})
