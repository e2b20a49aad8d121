import { expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory.ts'
import { createTestOnSignup } from '../testing/create-test-onsignup.ts'

const user = (id: string) => ({ user: { id } })

test('what is in memory runs before what came after it, though more comes than memory holds', async () => {
  const order: number[] = []
  const onsignup = createTestOnSignup()
  onsignup.use(
    'team',
    ({ user }) => {
      order.push(Number(user.id))
      return new Promise<void>((resolve) => onsignup.clock.after(1, resolve))
    },
    { concurrency: 1 },
  )
  await onsignup.start()
  await onsignup.clock.advance(0)
  const ids = Array.from({ length: 1_010 }, (_, id) => id)
  for (const id of ids) await onsignup.publish(user(String(id)))
  await onsignup.clock.advance('2s')
  expect(order).toEqual(ids)
})

test('what is due is claimed into memory many at a time, not one for each slot', async () => {
  const memory = createMemoryStore()
  const limits: number[] = []
  const claim: typeof memory.claim = async (...args) => {
    const claims = await memory.claim(...args)
    limits.push(claims.length)
    return claims
  }
  const fill = createTestOnSignup({ store: memory }).use('team', () => {})
  await fill.pause('team')
  for (let id = 0; id < 300; id += 1) await fill.publish(user(String(id)))
  await fill.close()
  let running = 0
  let most = 0
  const onsignup = createTestOnSignup({ store: { ...memory, claim } }).use('team', async () => {
    running += 1
    most = Math.max(most, running)
    await Promise.resolve()
    running -= 1
  })
  await onsignup.resume('team')
  await onsignup.drain()
  expect([limits.filter((count) => count > 0), most]).toEqual([[200, 100], 5])
})

test('what was claimed is not lost when the store fails right after', async () => {
  const memory = createMemoryStore()
  let fails = true
  const nextDue: typeof memory.nextDue = async (...args) => {
    if (fails) throw new Error('I/O error')
    return memory.nextDue(...args)
  }
  const fill = createTestOnSignup({ store: memory }).use('team', () => {})
  await fill.pause('team')
  await fill.publish(user('1'))
  await fill.close()
  const onsignup = createTestOnSignup({ store: { ...memory, nextDue } }).use('team', () => {})
  await onsignup.resume('team')
  await onsignup.clock.advance(0)
  fails = false
  await onsignup.clock.advance('1s')
  expect((await onsignup.deliveries()).map(({ state }) => state)).toEqual(['delivered'])
})
