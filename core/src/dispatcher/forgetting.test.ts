import { expect, test } from 'vitest'
import { z } from 'zod'
import { definePlugin } from '../define-plugin.ts'
import { delivered, rejected } from '../outcome.ts'
import { createMemoryStore } from '../store/memory.ts'
import { createTestOnSignup } from '../testing/create-test-onsignup.ts'

test('nothing of a forgotten user starts any more, whether it waits in the store or in memory', async () => {
  const started: string[] = []
  const onsignup = createTestOnSignup().use(
    'team',
    async ({ user }) => {
      started.push(user.id)
      await new Promise<void>((resolve) => onsignup.clock.after(1_000, resolve))
    },
    { concurrency: 1 },
  )
  for (const id of ['1', '2', '3']) await onsignup.publish({ user: { id } })
  await onsignup.clock.advance(0)
  expect(started).toEqual(['1'])
  await onsignup.forget('2')
  await onsignup.forget('1')
  await onsignup.clock.advance('3s')
  expect(started).toEqual(['1', '3'])
  const states = (await onsignup.deliveries()).map(({ user, state }) => `${user.id} ${state}`)
  expect(states).toEqual(['forgotten skipped', 'forgotten skipped', '3 delivered'])
})

test('however forgetting falls into the publishing, nothing starts after it was answered', async () => {
  for (let moment = 0; moment < 40; moment += 1) {
    let answered = false
    const late: string[] = []
    const onsignup = createTestOnSignup({ store: createMemoryStore() }).use('team', () => {
      if (answered) late.push(`at moment ${moment}`)
    })
    await onsignup.start()
    const publishing = onsignup.publish({ user: { id: '1' } })
    for (let tick = 0; tick < moment; tick += 1) await Promise.resolve()
    answered = (await onsignup.forget('1')) > 0
    await publishing
    await onsignup.clock.advance(0)
    expect(late).toEqual([])
  }
})

test('a user who is forgotten while the store refuses the mark of the begin is not sent', async () => {
  const memory = createMemoryStore()
  let isFull = true
  const begin: typeof memory.begin = async (...args) => {
    if (isFull) throw new Error('disk full')
    return memory.begin(...args)
  }
  const started: string[] = []
  const onsignup = createTestOnSignup({ store: { ...memory, begin } }).use(
    'team',
    ({ user }) => void started.push(user.id),
    { on_unknown: 'hold' },
  )
  await onsignup.publish({ user: { id: '1' } })
  await onsignup.publish({ user: { id: '2' } })
  await onsignup.clock.advance(0)
  await onsignup.forget('1')
  isFull = false
  await onsignup.clock.advance('2s')
  expect(started).toEqual(['2'])
})

test('nothing of a forgotten user starts while the files are rid of it, however long that takes', async () => {
  const purged = Promise.withResolvers<void>()
  const started: string[] = []
  const store = { ...createMemoryStore(), purge: () => purged.promise }
  const onsignup = createTestOnSignup({ store }).use(
    'team',
    async ({ user }) => {
      started.push(user.id)
      await new Promise<void>((resolve) => onsignup.clock.after(1_000, resolve))
    },
    { concurrency: 1 },
  )
  for (const id of ['1', '2']) await onsignup.publish({ user: { id } })
  await onsignup.clock.advance(0)
  const forgetting = onsignup.forget('2')
  await onsignup.clock.advance('3s')
  expect(started).toEqual(['1'])
  purged.resolve()
  expect(await forgetting).toBe(1)
})

test('a user who is forgotten while a batch is halved is in no half any more', async () => {
  const calls: string[][] = []
  const onsignup = createTestOnSignup()
  onsignup.use(
    'crm',
    definePlugin({
      name: 'crm',
      options: z.object({}),
      connect: () => ({
        async postUserRegistrationBatch(items) {
          const users = items.map(({ event }) => event.user.id)
          calls.push(users)
          if (users.length === 4) await onsignup.forget('3')
          if (users.includes('2')) throw rejected('no')
          return users.map(() => delivered())
        },
      }),
    }),
    { batch: { max_records: 4, max_wait: '1s' } },
  )
  for (const id of ['1', '2', '3', '4']) await onsignup.publish({ user: { id } })
  await onsignup.clock.advance('1s')
  expect(calls).toEqual([['1', '2', '3', '4'], ['1', '2'], ['1'], ['2'], ['4']])
  const states = (await onsignup.deliveries()).map(({ state }) => state)
  expect(states).toEqual(['delivered', 'dead', 'skipped', 'delivered'])
})
