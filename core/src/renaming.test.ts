import { expect, test } from 'vitest'
import { rejected } from './outcome.ts'
import { renameConnector } from './renaming.ts'
import { createMemoryStore } from './store/memory.ts'
import type { Store } from './store/port.ts'
import { createTestOnSignup } from './testing/create-test-onsignup.ts'

/** Runs an engine on the store until nothing is due, publishing these users. */
const runOn = async (store: Store, names: readonly string[], users: readonly string[], fails = false) => {
  const calls: { readonly connector: string; readonly user: string; readonly key: string }[] = []
  const onsignup = createTestOnSignup({ store })
  for (const name of names) {
    onsignup.use(name, ({ user }, { connector, idempotencyKey }) => {
      calls.push({ connector, user: user.id, key: idempotencyKey })
      if (fails) throw rejected('no')
    })
  }
  for (const id of users) await onsignup.publish({ user: { id } })
  await onsignup.start()
  await onsignup.drain()
  await onsignup.close()
  await store.open(0)
  return calls
}

test('a delivery that failed before a rename goes out after it, under the new name and the same key', async () => {
  const store = createMemoryStore()
  const [before] = await runOn(store, ['team'], ['1'], true)
  // The file had the new name first, and the service was started with it.
  expect(await runOn(store, ['sign-ups'], [])).toEqual([])
  await renameConnector(store, { from: 'team', to: 'sign-ups' })
  await store.retry({ state: 'dead', connector: null }, 0)
  const after = await runOn(store, ['sign-ups'], [])
  expect(after).toEqual([{ ...before, connector: 'sign-ups' }])
})

test('a new connector of the old name has other keys than the one that was renamed', async () => {
  const store = createMemoryStore()
  await runOn(store, ['team'], [])
  await renameConnector(store, { from: 'team', to: 'sign-ups' })
  const calls = await runOn(store, ['sign-ups', 'team'], ['1'])
  expect(calls.map(({ connector }) => connector).toSorted()).toEqual(['sign-ups', 'team'])
  expect(new Set(calls.map(({ key }) => key)).size).toBe(2)
})

const registered = async (...all: readonly (readonly [string, string])[]) => {
  const store = createMemoryStore()
  await store.open(0)
  for (const [name, uses] of all) await store.register([{ name, uses }])
  return store
}

test('one that is not in the store is not renamed; the nearest is named', async () => {
  const store = await registered(['team', 'slack'])
  await expect(renameConnector(store, { from: 'taem', to: 'x' })).rejects.toMatchObject({
    code: 'connector_unknown',
    message: 'no connector named taem is in the store',
    mend: 'did you mean team?',
  })
  await expect(renameConnector(store, { from: 'team', to: 'x', uses: 'email' })).rejects.toMatchObject({
    code: 'connector_unknown',
    mend: 'write slack',
  })
})

test('of several of a name it must be said which', async () => {
  const store = await registered(['team', 'slack'], ['team', 'email'])
  await expect(renameConnector(store, { from: 'team', to: 'mail' })).rejects.toMatchObject({
    code: 'connector_ambiguous',
    message: 'team is several connectors in the store: slack, email',
  })
  await renameConnector(store, { from: 'team', to: 'mail', uses: 'email' })
  const names = (await store.connectors()).map(({ name, uses }) => `${name} ${uses}`)
  expect(names).toEqual(['mail email', 'team slack'])
})

test('a name that is none, or that another plugin has now, is refused', async () => {
  const store = await registered(['old', 'email'], ['team', 'slack'])
  await expect(renameConnector(store, { from: 'team', to: 'Sign Ups' })).rejects.toMatchObject({
    code: 'connector_invalid',
  })
  await store.register([
    { name: 'team', uses: 'slack' },
    { name: 'welcome', uses: 'email' },
  ])
  await expect(renameConnector(store, { from: 'team', to: 'welcome' })).rejects.toMatchObject({
    code: 'connector_taken',
    message: 'welcome is configured as a use of email, and team is one of slack',
  })
  // One that is configured no more has no need of its name.
  expect(await renameConnector(store, { from: 'team', to: 'old' })).toMatchObject({
    name: 'old',
    uses: 'slack',
  })
})

test('a name whose connector has deliveries is refused, until that one is put aside', async () => {
  const store = createMemoryStore()
  await runOn(store, ['team'], ['1'])
  await runOn(store, ['sign-ups'], ['2'])
  await expect(renameConnector(store, { from: 'team', to: 'sign-ups' })).rejects.toMatchObject({
    code: 'connector_taken',
    message: 'sign-ups has 1 delivery of its own, 0 of them open',
    mend: 'put it aside, onsignup rename sign-ups sign-ups-before, and run this again',
  })
  await renameConnector(store, { from: 'sign-ups', to: 'sign-ups-before' })
  await renameConnector(store, { from: 'team', to: 'sign-ups' })
  const views = await store.deliveries({ limit: 10 }, 0)
  expect(views.map(({ connector }) => connector)).toEqual(['sign-ups-before', 'sign-ups'])
})
