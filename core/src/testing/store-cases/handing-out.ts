import assert from 'node:assert/strict'
import type { Parked, RunRef, ShownState, Store } from '../../store/port.ts'
import type { Case } from '../plugin-cases.ts'
import { allViews, attempt, claimOne, dueAt, registration, settlement, T0, viewOf, type It } from './bench.ts'

const parked: Parked = {
  since: T0,
  code: 'invalid_auth',
  reason: 'the token is refused',
  mend: 'set a new token',
  probeAt: T0 + 300_000,
}

/** How deliveries are handed out, settled, given back; how gates close and open. */
export const handingOutCases = (it: It): readonly Case[] => [
  it('hands out what is due, oldest due first, of that connector alone', async ({ store, chat, crm }) => {
    await store.append([
      dueAt(registration(1, [chat]), T0 + 2),
      dueAt(registration(2, [chat, crm]), T0 + 1),
      dueAt(registration(3, [chat]), T0 + 3),
      dueAt(registration(4, [chat]), T0 + 2),
    ])
    const claims = await store.claim(chat, T0 + 2, 10)
    assert.deepEqual(
      claims.map(({ event, run }) => [event.user.id, run]),
      [
        ['u2', 1],
        ['u1', 1],
        ['u4', 1],
      ],
    )
    const [first] = claims
    const fresh = { generation: 0, suspect: false, tries: 0, unknowns: 0, strikes: 0, failingSince: null }
    assert.deepEqual({ ...first, ...fresh }, first)
  }),

  it('hands out no more than asked for, the oldest due first', async ({ store, chat }) => {
    await store.append([2, 3, 1].map((n) => dueAt(registration(n, [chat]), T0 - 10 + n)))
    const users = async (limit: number) =>
      (await store.claim(chat, T0, limit)).map(({ event }) => event.user.id)
    assert.deepEqual(await users(0), [])
    assert.deepEqual(await users(2), ['u1', 'u2'])
    assert.deepEqual(await users(2), ['u3'])
  }),

  it('hands out no delivery twice while it is held', async ({ store, chat }) => {
    await store.append([registration(1, [chat]), registration(2, [chat])])
    const [first, second] = await Promise.all([store.claim(chat, T0, 1), store.claim(chat, T0, 5)])
    assert.deepEqual(
      [first, second].map((claims) => claims.map(({ event }) => event.user.id)),
      [['u1'], ['u2']],
    )
    for (const { state } of await allViews(store)) assert.equal(state, 'running')
  }),

  it('tells what this process holds, born so or handed out, until it is settled or released', async ({
    store,
    chat,
    crm,
  }) => {
    const born = registration(1, [chat])
    const held = born.deliveries.map((each) => ({ ...each, hold: true }))
    await store.append([{ ...born, deliveries: held }, registration(2, [chat, crm])])
    const [first, second] = [await claimOne(store, chat), await claimOne(store, crm)]
    const refOf = ({ delivery, run }: RunRef, connector: number) => ({ delivery, run, connector })
    const mine = (await store.held()).toSorted((a, b) => a.delivery - b.delivery)
    assert.deepEqual(mine.slice(1), [refOf(first, chat), refOf(second, crm)])
    assert.deepEqual([mine[0]?.run, mine[0]?.connector], [1, chat])
    await store.settle([settlement(first)])
    await store.release([second])
    assert.deepEqual(await store.held(), mine.slice(0, 1))
  }),

  it('tells when the next free delivery is due, and how many are', async ({ store, chat, crm }) => {
    assert.equal(await store.nextDue(chat), null)
    await store.append([10, 20, 30].map((later, n) => dueAt(registration(n, [chat]), T0 + later)))
    assert.equal(await store.nextDue(chat), T0 + 10)
    assert.equal(await store.nextDue(crm), null)
    assert.equal(await store.countDue(chat, T0 + 9, 10), 0)
    assert.equal(await store.countDue(chat, T0 + 20, 10), 2)
    assert.equal(await store.countDue(chat, T0 + 30, 2), 2)
    await claimOne(store, chat, T0 + 10)
    assert.equal(await store.nextDue(chat), T0 + 20)
    assert.equal(await store.countDue(chat, T0 + 30, 10), 2)
  }),

  it('ends a delivery with its history', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    const claim = await claimOne(store, chat)
    const record = attempt(1, { at: T0 + 1, ms: 12, detail: 'ts 1' })
    assert.deepEqual(await store.settle([settlement(claim, { attempt: record })]), [true])
    const view = await viewOf(store, claim.delivery)
    assert.deepEqual([view.state, view.due, view.reason, view.tries], ['delivered', null, null, 0])
    assert.deepEqual(view.attempts, [record])
    assert.deepEqual(await store.claim(chat, T0 + 1_000, 10), [])
  }),

  it('keeps the counts, the reason and the time of a delivery that is tried again', async ({
    store,
    chat,
  }) => {
    await store.append([registration(1, [chat])])
    const counts = { tries: 2, unknowns: 1, strikes: 1, failingSince: T0 - 5 }
    const first = await claimOne(store, chat)
    const failed = attempt(1, { outcome: 'retry', code: 'http_503', detail: 'busy' })
    await store.settle([
      settlement(first, { state: 'open', due: T0 + 50, counts, reason: 'busy', attempt: failed }),
    ])
    const view = await viewOf(store, first.delivery)
    assert.deepEqual([view.state, view.due, view.reason, view.tries], ['waiting', T0 + 50, 'busy', 2])
    assert.deepEqual(await store.claim(chat, T0 + 49, 1), [])
    const second = await claimOne(store, chat, T0 + 50)
    assert.deepEqual({ ...second, ...counts, run: 2, suspect: false }, second)
    await store.settle([settlement(second, { attempt: attempt(2, { at: T0 - 99 }) })])
    const { attempts } = await viewOf(store, first.delivery)
    assert.deepEqual(
      attempts.map(({ run, outcome }) => [run, outcome]),
      [
        [1, 'retry'],
        [2, 'delivered'],
      ],
    )
  }),

  it('changes nothing for a run that is no longer the current one', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    const first = await claimOne(store, chat)
    await store.release([first])
    const gate = { connector: chat, parked }
    assert.deepEqual(await store.settle([settlement(first, { gate })]), [false])
    const second = await claimOne(store, chat)
    assert.deepEqual(await store.settle([settlement(first, { state: 'dead', gate })]), [false])
    await store.release([first])
    const view = await viewOf(store, first.delivery)
    assert.deepEqual([view.state, view.attempts], ['running', []])
    assert.deepEqual(await store.settle([settlement(second)]), [true])
    assert.deepEqual(await store.settle([settlement(second, { state: 'dead' })]), [false])
    assert.equal((await viewOf(store, first.delivery)).state, 'delivered')
    assert.deepEqual(await store.settle([settlement({ ...second, delivery: 999 })]), [false])
  }),

  it('answers each of many settlements in order', async ({ store, chat }) => {
    await store.append([registration(1, [chat]), registration(2, [chat])])
    const claims = await store.claim(chat, T0, 2)
    const settlements = claims.map((claim) => settlement(claim))
    assert.deepEqual(await store.settle([]), [])
    assert.deepEqual(await store.settle([...settlements, ...settlements]), [true, true, false, false])
  }),

  it('holds at birth what it is told to, with run 1, and hands it to nobody else', async (bench) => {
    const { store, chat, crm, reopenAt } = bench
    const { deliveries, ...accept } = registration(1, [chat, crm])
    const births = deliveries.map((birth) => ({ ...birth, hold: birth.connector === chat }))
    const [accepted, again] = await store.append([
      { ...accept, deliveries: births },
      { ...accept, deliveries: births },
    ])
    assert.ok(accepted?.kind === 'accepted')
    assert.deepEqual(again, { kind: 'duplicate', id: accepted.id })
    const [newborn, ...others] = accepted.held
    assert.ok(newborn)
    assert.deepEqual(others, [])
    const { connector, ...claim } = newborn
    assert.deepEqual([connector, claim.run, claim.event], [chat, 1, accept.event])
    assert.deepEqual(await store.claim(chat, T0, 10), [])
    assert.deepEqual((await viewOf(store, claim.delivery)).state, 'running')
    assert.equal((await store.claim(crm, T0, 10)).length, 1)
    const after = await reopenAt(T0)
    const [lost] = await after.store.claim(chat, T0, 10)
    assert.deepEqual([lost?.run, lost?.suspect], [2, true])
  }),

  it('settles and gives back what was born held', async ({ store, chat }) => {
    const held = async (n: number) => {
      const { deliveries, ...accept } = registration(n, [chat])
      const [accepted] = await store.append([
        { ...accept, deliveries: deliveries.map((birth) => ({ ...birth, hold: true })) },
      ])
      assert.ok(accepted?.kind === 'accepted')
      const [newborn] = accepted.held
      assert.ok(newborn)
      return newborn
    }
    const first = await held(1)
    assert.deepEqual(await store.settle([settlement(first)]), [true])
    assert.deepEqual((await viewOf(store, first.delivery)).state, 'delivered')
    const second = await held(2)
    await store.release([second])
    assert.deepEqual((await claimOne(store, chat)).run, 2)
  }),

  it('remembers of a run that it may have been sent', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    const first = await claimOne(store, chat)
    await store.settle([settlement(first, { state: 'open', suspect: true })])
    const second = await claimOne(store, chat)
    assert.deepEqual(second.suspect, true)
    await store.settle([settlement(second, { state: 'open' })])
    assert.deepEqual((await claimOne(store, chat)).suspect, true)
  }),

  it('closes and opens the gate with the settlement that tells it to', async ({ store, chat, crm }) => {
    await store.append([registration(1, [chat, crm]), registration(2, [chat])])
    const first = await claimOne(store, chat)
    const wait = settlement(first, { state: 'open', gate: { connector: chat, parked } })
    assert.deepEqual(await store.settle([wait]), [true])
    const views = await store.deliveries({ limit: 10 }, T0)
    assert.deepEqual(
      views.map(({ connector, state, reason }) => [connector, state, reason]),
      [
        ['chat', 'parked', 'the token is refused → set a new token'],
        ['crm', 'pending', null],
        ['chat', 'parked', 'the token is refused → set a new token'],
      ],
    )
    const canary = await claimOne(store, chat)
    await store.settle([settlement(canary, { gate: { connector: chat, parked: null } })])
    assert.deepEqual((await store.deliveries({ limit: 1 }, T0))[0]?.state, 'pending')
  }),

  it('changes of a gate only what it is told to', async ({ store, chat, reopenAt }) => {
    const gates = async () => (await store.register([{ name: 'chat', uses: 'slack' }]))[0]
    await store.changeGate({ connector: chat, parked })
    await store.changeGate({ connector: chat, throttledUntil: T0 + 1 })
    assert.deepEqual(await gates(), {
      id: chat,
      name: 'chat',
      keyName: 'chat',
      uses: 'slack',
      parked,
      paused: null,
      released: null,
      throttledUntil: T0 + 1,
    })
    await store.changeGate({ connector: chat, parked: { ...parked, mend: null } })
    await store.changeGate({ connector: chat })
    assert.deepEqual((await gates())?.parked, { ...parked, mend: null })
    await store.changeGate({ connector: chat, parked: null, released: T0 + 2 })
    const after = await reopenAt(T0)
    const [row] = await after.store.register([{ name: 'chat', uses: 'slack' }])
    assert.deepEqual([row?.parked, row?.released, row?.throttledUntil], [null, T0 + 2, T0 + 1])
    await after.store.changeGate({ connector: chat, throttledUntil: T0 })
    const [limited] = await after.store.register([{ name: 'chat', uses: 'slack' }])
    assert.equal(limited?.throttledUntil, T0 + 1, 'a shorter limit ends a longer one')
    await after.store.changeGate({ connector: chat, throttledUntil: null })
    assert.equal((await after.store.register([{ name: 'chat', uses: 'slack' }]))[0]?.throttledUntil, null)
  }),

  it('keeps a connector paused over a restart, and shows what waits there as paused', async ({
    store,
    chat,
    reopenAt,
  }) => {
    const late = dueAt(registration(3, [chat]), T0 + 9)
    await store.append([registration(1, [chat]), registration(2, [chat]), late])
    const running = await claimOne(store, chat)
    await store.changeGate({ connector: chat, parked, paused: T0 })
    const shown = async (from: Store) => (await allViews(from)).map(({ state }) => state)
    assert.deepEqual(await shown(store), ['running', 'paused', 'paused'])
    await store.release([running])
    const after = await reopenAt(T0)
    const [row] = await after.store.register([{ name: 'chat', uses: 'slack' }])
    assert.deepEqual([row?.paused, row?.parked], [T0, parked])
    const count = async (state: ShownState) => (await after.store.deliveries({ limit: 10, state }, T0)).length
    assert.deepEqual([await count('paused'), await count('parked'), await count('pending')], [3, 0, 0])
    await after.store.changeGate({ connector: chat, paused: null })
    assert.deepEqual([await count('paused'), await count('parked'), await count('pending')], [0, 3, 0])
  }),

  it('tells of every connector that ever was, by name', async ({ store, chat }) => {
    await store.register([
      { name: 'chat', uses: 'slack' },
      { name: 'a', uses: 'email' },
    ])
    await store.changeGate({ connector: chat, paused: T0 })
    await store.register([{ name: 'a', uses: 'email' }])
    const rows = (await store.connectors()).map(({ name, current, paused }) => ({ name, current, paused }))
    assert.deepEqual(
      rows.filter(({ name }) => name === 'a' || name === 'chat'),
      [
        { name: 'a', current: true, paused: null },
        { name: 'chat', current: false, paused: T0 },
      ],
    )
  }),

  it('takes a run back to wait until a time, and due as before without one', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    await store.release([await claimOne(store, chat)], T0 + 500)
    assert.deepEqual([await store.claim(chat, T0, 1), await store.nextDue(chat)], [[], T0 + 500])
    await store.release([await claimOne(store, chat, T0 + 500)])
    assert.equal(await store.nextDue(chat), T0 + 500)
  }),

  it('takes a run back uncounted, due as before, under a run that never falls', async ({ store, chat }) => {
    await store.append([dueAt(registration(1, [chat]), T0 - 7)])
    const first = await claimOne(store, chat)
    await store.release([first])
    assert.equal(await store.nextDue(chat), T0 - 7)
    const view = await viewOf(store, first.delivery)
    assert.deepEqual([view.state, view.tries, view.attempts], ['pending', 0, []])
    const second = await claimOne(store, chat)
    assert.deepEqual([second.run, second.suspect, second.tries], [2, false, 0])
  }),

  it('adds to the history of a delivery that has ended', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    const claim = await claimOne(store, chat)
    await store.settle([settlement(claim, { state: 'unknown', attempt: attempt(1, { outcome: 'unknown' }) })])
    const late = attempt(1, { detail: 'after its deadline: delivered' })
    await store.note(claim.delivery, late)
    const view = await viewOf(store, claim.delivery)
    assert.equal(view.state, 'unknown')
    assert.deepEqual(view.attempts[1], late)
    await store.note(claim.delivery + 1_000, late)
  }),
]
