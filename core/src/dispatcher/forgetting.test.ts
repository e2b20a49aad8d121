import { expect, test } from 'vitest'
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
