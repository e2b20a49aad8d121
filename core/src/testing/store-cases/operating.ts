import assert from 'node:assert/strict'
import type { DeliveryState, ShownState, Store } from '../../store/port.ts'
import type { Case } from '../plugin-cases.ts'
import {
  allViews,
  attempt,
  claimOne,
  dueAt,
  eventId,
  registration,
  settlement,
  T0,
  viewOf,
  type It,
} from './bench.ts'

const LATER = T0 + 3_600_000

const end = async (store: Store, connector: number, state: DeliveryState, unknowns = 1): Promise<number> => {
  const claim = await claimOne(store, connector)
  const counts = { tries: 3, unknowns, strikes: 2, failingSince: T0 }
  const record = attempt(claim.run, { outcome: 'rejected' })
  await store.settle([settlement(claim, { state, counts, reason: 'why', attempt: record })])
  return claim.delivery
}

/** What an operator puts back, and what an operator sees. */
export const operatingCases = (it: It): readonly Case[] => [
  ...(['dead', 'unknown', 'skipped'] as const).map((state) =>
    it(`puts a delivery that is ${state} back, due now, with its counts at zero`, async ({ store, chat }) => {
      await store.append([registration(1, [chat])])
      const id = await end(store, chat, state)
      const answer = await store.retry({ delivery: id, again: false }, LATER)
      assert.deepEqual(answer, { kind: 'retried', deliveries: [id], connectors: [chat] })
      const view = await viewOf(store, id, LATER)
      assert.deepEqual([view.state, view.due, view.tries, view.reason], ['pending', LATER, 0, null])
      assert.equal(view.attempts.length, 1)
      const claim = await claimOne(store, chat, LATER)
      const zero = { tries: 0, unknowns: 0, strikes: 0, failingSince: null, generation: 0 }
      assert.deepEqual({ ...claim, ...zero, run: 3, suspect: true }, claim)
    }),
  ),

  ...(
    [
      ['dead', 0, false],
      ['dead', 1, true],
      ['unknown', 0, true],
    ] as const
  ).map(([state, unknowns, suspect]) =>
    it(`puts back what is ${state} after ${unknowns} lost answers as ${suspect ? '' : 'not '}maybe sent`, async ({
      store,
      chat,
    }) => {
      await store.append([registration(1, [chat])])
      const id = await end(store, chat, state, unknowns)
      await store.retry({ delivery: id, again: false }, LATER)
      const claim = await claimOne(store, chat, LATER)
      assert.deepEqual([claim.unknowns, claim.suspect], [0, suspect])
    }),
  ),

  it('repeats a delivered one only when told to, as another generation', async ({
    store,
    chat,
    reopenAt,
  }) => {
    await store.append([registration(1, [chat])])
    await claimOne(store, chat)
    const after = await reopenAt(T0)
    const id = await end(after.store, after.chat, 'delivered')
    assert.deepEqual(await after.store.retry({ delivery: id, again: false }, T0), { kind: 'delivered' })
    assert.equal((await viewOf(after.store, id)).state, 'delivered')
    assert.equal((await after.store.retry({ delivery: id, again: true }, T0)).kind, 'retried')
    const claim = await claimOne(after.store, after.chat)
    assert.deepEqual([claim.generation, claim.run, claim.suspect], [1, 4, false])
  }),

  it('puts back any delivery of an event', async ({ store, chat, crm }) => {
    await store.append([registration(1, [chat, crm])])
    const claims = [await claimOne(store, chat), await claimOne(store, crm)]
    await store.settle(claims.map((claim) => settlement(claim, { state: 'dead' })))
    for (const { delivery } of claims) {
      assert.equal((await store.retry({ delivery, again: false }, T0)).kind, 'retried')
    }
  }),

  it('puts back neither what runs, nor what waits, nor what is not there', async ({ store, chat }) => {
    await store.append([registration(1, [chat]), registration(2, [chat])])
    const { delivery } = await claimOne(store, chat)
    const waiting = (await allViews(store)).find(({ id }) => id !== delivery)
    assert.ok(waiting)
    assert.deepEqual(await store.retry({ delivery, again: true }, T0), { kind: 'running' })
    assert.deepEqual(await store.retry({ delivery: waiting.id, again: true }, T0), { kind: 'open' })
    assert.deepEqual(await store.retry({ delivery: delivery + 999, again: true }, T0), { kind: 'missing' })
  }),

  it('puts back all of a state, of one connector or of all', async ({ store, chat, crm }) => {
    await store.append([registration(1, [chat, crm]), registration(2, [chat]), registration(3, [chat])])
    const dead = [await end(store, chat, 'dead'), await end(store, chat, 'dead')]
    const unknown = await end(store, chat, 'unknown')
    const deadCrm = await end(store, crm, 'dead')
    assert.deepEqual(await store.retry({ state: 'dead', connector: 'chat' }, T0), {
      kind: 'retried',
      deliveries: dead,
      connectors: [chat],
    })
    assert.equal((await viewOf(store, deadCrm)).state, 'dead')
    assert.equal((await viewOf(store, unknown)).state, 'unknown')
    await store.settle((await store.claim(chat, T0, 1)).map((claim) => settlement(claim, { state: 'dead' })))
    assert.deepEqual(await store.retry({ state: 'dead', connector: null }, T0), {
      kind: 'retried',
      deliveries: [dead[0], deadCrm],
      connectors: [chat, crm],
    })
    assert.deepEqual(await store.retry({ state: 'skipped', connector: null }, T0), {
      kind: 'retried',
      deliveries: [],
      connectors: [],
    })
    assert.deepEqual(await store.retry({ state: 'unknown', connector: 'nobody' }, T0), {
      kind: 'retried',
      deliveries: [],
      connectors: [],
    })
  }),

  it('lists deliveries by what people call their state', async ({ store, chat, crm }) => {
    const [gone, shut] = await store.register([
      { name: 'gone', uses: 'x' },
      { name: 'shut', uses: 'x' },
      { name: 'chat', uses: 'slack' },
      { name: 'crm', uses: 'salesforce' },
    ])
    assert.ok(gone && shut)
    await store.append(Array.from({ length: 5 }, (_, n) => registration(n, [chat])))
    const expected = new Map<ShownState, readonly number[]>()
    for (const state of ['delivered', 'skipped', 'unknown', 'dead'] as const) {
      expected.set(state, [await end(store, chat, state)])
    }
    expected.set('running', [(await claimOne(store, chat)).delivery])
    await store.append([
      registration(10, [crm]),
      dueAt(registration(11, [crm]), LATER),
      registration(12, [shut.id]),
      dueAt(registration(13, [shut.id]), LATER),
      registration(14, [gone.id]),
      registration(15, [gone.id]),
    ])
    await claimOne(store, gone.id)
    await store.changeGate({
      connector: shut.id,
      parked: { since: T0, code: 'x', reason: 'x', mend: null, probeAt: T0 },
    })
    await store.register([
      { name: 'shut', uses: 'x' },
      { name: 'chat', uses: 'slack' },
      { name: 'crm', uses: 'salesforce' },
    ])
    const views = await allViews(store)
    const ofUser = (...users: readonly string[]) =>
      views.filter(({ user }) => users.includes(user.id)).map(({ id }) => id)
    expected.set('pending', ofUser('u10'))
    expected.set('waiting', ofUser('u11'))
    expected.set('parked', ofUser('u13', 'u12').toReversed())
    expected.set('orphaned', ofUser('u14', 'u15').toReversed())
    for (const [state, ids] of expected) {
      const listed = await store.deliveries({ state, limit: 10 }, T0)
      assert.deepEqual(
        listed.map((view) => [view.id, view.state]),
        ids.map((id) => [id, state]),
        state,
      )
    }
    assert.equal(views.length, 11)
  }),

  it('lists deliveries by connector, event, user id and e-mail address in any case', async ({
    store,
    chat,
    crm,
  }) => {
    await store.append([registration(1, [chat, crm]), registration(2, [crm])])
    const ids = async (query: object) =>
      (await store.deliveries({ limit: 10, ...query }, T0)).map(({ id }) => id)
    const [first, second, third] = (await allViews(store)).map(({ id }) => id)
    assert.deepEqual(await ids({ connector: 'crm' }), [third, second])
    assert.deepEqual(await ids({ event: eventId(1) }), [second, first])
    assert.deepEqual(await ids({ user: 'u2' }), [third])
    assert.deepEqual(await ids({ user: 'U2' }), [])
    assert.deepEqual(await ids({ user: 'USER1@example.COM' }), [second, first])
    assert.deepEqual(await ids({ user: 'user1@example.com', connector: 'chat', state: 'pending' }), [first])
    for (const nothing of [{ connector: 'x' }, { event: eventId(9) }, { user: 'x' }, { state: 'dead' }]) {
      assert.deepEqual(await ids(nothing), [])
    }
  }),

  it('lists a user of whom no e-mail address is known', async ({ store, chat }) => {
    const accept = registration(1, [chat])
    const user = { ...accept.event.user, email: null }
    await store.append([{ ...accept, event: { ...accept.event, user } }])
    assert.deepEqual((await store.deliveries({ user: 'u1', limit: 1 }, T0))[0]?.user, {
      id: 'u1',
      email: null,
    })
  }),

  it('pages through deliveries newest first, each with its history', async ({ store, chat }) => {
    await store.append([1, 2, 3, 4, 5].map((n) => registration(n, [chat])))
    for (const claim of await store.claim(chat, T0, 5)) {
      const { user } = claim.event
      await store.settle([settlement(claim, { attempt: attempt(1, { detail: user.id }) })])
      await store.note(claim.delivery, attempt(1, { detail: `late ${user.id}` }))
    }
    const pages: string[][] = []
    let after: number | undefined
    do {
      const query = { state: 'delivered' as const, limit: 2, ...(after === undefined ? {} : { after }) }
      const page = await store.deliveries(query, T0)
      for (const { user, attempts } of page) {
        assert.deepEqual(
          attempts.map(({ detail }) => detail),
          [user.id, `late ${user.id}`],
        )
      }
      pages.push(page.map(({ user }) => user.id))
      after = page.at(-1)?.id
    } while (after !== undefined)
    assert.deepEqual(pages, [['u5', 'u4'], ['u3', 'u2'], ['u1'], []])
    assert.deepEqual(await store.deliveries({ limit: 0 }, T0), [])
  }),

  it('answers for an event that is not there with null', async ({ store }) => {
    assert.equal(await store.event(eventId(1)), null)
    assert.deepEqual(await store.deliveries({ event: eventId(1), limit: 1 }, T0), [])
  }),

  it('proves that it can write, and leaves nothing behind', async ({ store }) => {
    await store.probe()
    assert.deepEqual(await allViews(store), [])
  }),
]
