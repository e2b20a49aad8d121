import assert from 'node:assert/strict'
import type { Period, Store } from '../../store/port.ts'
import { GIVEN_BEFORE } from '../../store/port.ts'
import type { Case } from '../plugin-cases.ts'
import { allViews, claimOne, dueAt, eventId, MINUTE, registration, settlement, T0, type It } from './bench.ts'

const LATER = T0 + 10 * MINUTE
const ALWAYS: Period = { since: null, until: null }

/** The nth registration as a historical one, which has no deliveries. */
const historical = (n: number, over: Parameters<typeof registration>[2] = {}) =>
  registration(n, [], { ...over, event: { ...over.event, source: { historical: true } } })

/** A live registration of the same user, created at the same time. */
const liveOf = (n: number, as: number, connectors: readonly number[]) =>
  registration(as, connectors, { keys: { user: `user-${n}` } })

const usersOf = async (store: Store, connector: number): Promise<readonly string[]> =>
  (await store.claimIdle(connector, T0, 100)).map(({ event }) => event.user.id)

/** Who registered before, and what connectors are given later. */
export const backfillingCases = (it: It): readonly Case[] => [
  it('takes a live registration after a historical one, once, though both were created at the same time', async ({
    store,
    chat,
  }) => {
    const answers = await store.append([
      historical(1),
      historical(2, { keys: { user: 'user-1' } }),
      liveOf(1, 3, [chat]),
      liveOf(1, 4, [chat]),
      historical(5, { keys: { user: 'user-1' } }),
    ])
    assert.deepEqual(
      answers.map(({ kind, id }) => [kind, id]),
      [
        ['accepted', eventId(1)],
        ['duplicate', eventId(1)],
        ['accepted', eventId(3)],
        ['duplicate', eventId(3)],
        ['duplicate', eventId(3)],
      ],
    )
    assert.equal((await claimOne(store, chat)).event.id, eventId(3))
  }),

  it("takes a provider's event that is known as historical as a repeat of it", async ({ store, chat }) => {
    await store.append([historical(1)])
    const again = registration(2, [chat], { keys: { user: 'user-1', source: 'source-1' } })
    assert.deepEqual(await store.append([again]), [{ kind: 'duplicate', id: eventId(1) }])
  }),

  it('remembers over a restart what is historical, and that a live one came', async ({
    store,
    chat,
    reopenAt,
  }) => {
    await store.append([historical(1), historical(2), liveOf(2, 3, [chat])])
    const after = await reopenAt(LATER)
    const answers = await after.store.append([liveOf(1, 4, [after.chat]), liveOf(2, 5, [after.chat])])
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ['accepted', 'duplicate'],
    )
    assert.equal(await after.store.backfill(after.crm, ALWAYS), 2)
  }),

  it('gives a connector every event that it was never given, once', async ({ store, chat, crm }) => {
    const test = registration(4, [], { event: { source: { test: true } } })
    await store.append([historical(1), registration(2, [chat]), registration(3, [chat, crm]), test])
    assert.deepEqual([await store.countMissing(chat, ALWAYS), await store.countMissing(crm, ALWAYS)], [1, 2])
    assert.equal(await store.backfill(crm, ALWAYS), 2)
    assert.deepEqual([await store.countMissing(crm, ALWAYS), await store.backfill(crm, ALWAYS)], [0, 0])
    assert.equal(await store.backfill(chat, ALWAYS), 1)
    assert.deepEqual(await usersOf(store, crm), ['u1', 'u2'])
    assert.deepEqual(await usersOf(store, chat), ['u1'])
  }),

  it('shows what it added as pending, and hands it out apart from what is due at a time', async ({
    store,
    chat,
    crm,
  }) => {
    await store.append([historical(1), registration(2, [crm])])
    await store.backfill(chat, ALWAYS)
    const [added] = await store.deliveries({ state: 'pending', connector: 'chat', limit: 1 }, T0)
    assert.deepEqual([added?.due, added?.user.id], [null, 'u2'])
    assert.deepEqual(await store.deliveries({ state: 'waiting', limit: 1 }, T0), [])
    const at = async () => [await store.nextDue(chat), await store.countDue(chat, LATER, 9)]
    assert.deepEqual([await at(), await store.claim(chat, LATER, 9)], [[null, 0], []])
    await store.append([dueAt(registration(3, [chat]), T0 + 1)])
    assert.deepEqual(await at(), [T0 + 1, 1])
    assert.equal((await claimOne(store, chat, LATER)).event.user.id, 'u3')
    assert.deepEqual(await usersOf(store, chat), ['u1', 'u2'])
    assert.deepEqual(await store.claimIdle(chat, T0, 9), [])
  }),

  it('hands out again what was given back, and at a time what is to be tried again', async ({
    store,
    chat,
  }) => {
    await store.append([historical(1)])
    await store.backfill(chat, ALWAYS)
    const [claim] = await store.claimIdle(chat, T0, 1)
    assert.ok(claim)
    await store.release([claim])
    const [again] = await store.claimIdle(chat, T0, 1)
    assert.ok(again)
    await store.settle([settlement(again, { state: 'open', due: LATER })])
    assert.deepEqual([await store.nextDue(chat), await usersOf(store, chat)], [LATER, []])
  }),

  it('gives those who registered in a period', async ({ store, chat }) => {
    const times = [T0 - MINUTE, T0, T0 + MINUTE]
    const accepts = times.map((at, n) =>
      historical(n + 1, { event: { occurredAt: new Date(at).toISOString() } }),
    )
    await store.append(accepts)
    const count = (since: number | null, until: number | null) => store.countMissing(chat, { since, until })
    assert.deepEqual(
      [await count(T0, null), await count(null, T0), await count(T0, T0 + MINUTE), await count(LATER, null)],
      [2, 1, 1, 0],
    )
    const far = 8.64e15
    assert.deepEqual([await count(-far, far), await count(far, null), await count(null, -far)], [3, 0, 0])
    assert.equal(await store.backfill(chat, { since: T0, until: T0 + MINUTE }), 1)
    assert.deepEqual(await usersOf(store, chat), ['u2'])
  }),

  it('gives a live registration to nobody whom a backfill gave the historical one, nor the other way round', async ({
    store,
    chat,
    crm,
  }) => {
    await store.append([historical(1)])
    await store.backfill(chat, ALWAYS)
    const live = liveOf(1, 2, [chat, crm])
    const held = live.deliveries.map((each) => ({ ...each, hold: true }))
    const [accepted] = await store.append([{ ...live, deliveries: held }])
    assert.ok(accepted?.kind === 'accepted')
    assert.deepEqual(
      accepted.held.map(({ connector }) => connector),
      [crm],
    )
    const views = (await allViews(store)).map(({ event, connector, state, reason }) => [
      event,
      connector,
      state,
      reason,
    ])
    assert.deepEqual(
      views.toSorted(([a, b], [c, d]) => `${a}${b}`.localeCompare(`${c}${d}`)),
      [
        [eventId(1), 'chat', 'pending', null],
        [eventId(2), 'chat', 'skipped', GIVEN_BEFORE],
        [eventId(2), 'crm', 'running', null],
      ],
    )
    assert.deepEqual([await store.backfill(chat, ALWAYS), await store.backfill(crm, ALWAYS)], [0, 0])
  }),

  it('gives no live registration to a connector that had the historical one and was not configured when it came', async ({
    store,
    chat,
    crm,
  }) => {
    await store.append([historical(1)])
    await store.backfill(chat, ALWAYS)
    await store.append([liveOf(1, 2, [crm])])
    assert.equal(await store.backfill(chat, ALWAYS), 0)
    const theirs = (await allViews(store)).filter(({ connector }) => connector === 'chat')
    assert.deepEqual(theirs.map(({ event, state, reason }) => [event, state, reason]).toSorted(), [
      [eventId(1), 'pending', null],
      [eventId(2), 'skipped', GIVEN_BEFORE],
    ])
  }),

  it('gives nothing of a user who was forgotten, and knows that user again', async ({ store, chat }) => {
    await store.append([historical(1), historical(2)])
    await store.forget('u1', LATER)
    assert.equal(await store.backfill(chat, ALWAYS), 1)
    const [forgotten] = await store.append([liveOf(1, 3, [chat])])
    assert.deepEqual(forgotten, { kind: 'duplicate', id: eventId(1) })
    assert.deepEqual(await usersOf(store, chat), ['u2'])
  }),

  it('knows after it was erased what was historical, and gives it to nobody twice', async ({
    store,
    chat,
    crm,
  }) => {
    await store.append([historical(1), historical(2), historical(3), dueAt(registration(4, []), LATER)])
    await store.forget('u3', T0)
    await store.backfill(chat, ALWAYS)
    const claims = await store.claimIdle(chat, T0, 1)
    await store.settle(claims.map((claim) => settlement(claim)))
    assert.deepEqual(
      claims.map(({ event }) => event.user.id),
      ['u1'],
    )
    await store.erase(LATER)
    assert.equal(await store.event(eventId(1)), null)
    assert.notEqual(await store.event(eventId(2)), null)
    const answers = await store.append([liveOf(1, 5, [chat, crm]), liveOf(3, 6, [chat, crm])])
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ['duplicate', 'duplicate'],
    )
  }),

  it('takes a live registration after a historical one that was erased and given to nobody', async ({
    store,
    chat,
  }) => {
    await store.append([historical(1), dueAt(registration(2, []), LATER)])
    assert.equal(await store.erase(LATER), 1)
    assert.deepEqual(
      (await store.append([liveOf(1, 3, [chat]), liveOf(1, 4, [chat])])).map(({ kind }) => kind),
      ['accepted', 'duplicate'],
    )
  }),

  it('puts nothing historical back with what was skipped', async ({ store }) => {
    await store.append([historical(1)])
    const retried = await store.retry({ state: 'skipped', connector: null }, LATER)
    assert.deepEqual(retried, { kind: 'retried', deliveries: [], connectors: [] })
  }),

  it('gives many', async ({ store, chat, crm }) => {
    const many = 2_345
    await store.append(Array.from({ length: many }, (_, n) => registration(n + 1, n % 2 === 0 ? [chat] : [])))
    assert.equal(await store.countMissing(chat, ALWAYS), Math.floor(many / 2))
    assert.equal(await store.backfill(chat, ALWAYS), Math.floor(many / 2))
    assert.equal(await store.backfill(crm, ALWAYS), many)
    assert.equal(await store.countMissing(crm, ALWAYS), 0)
    assert.equal((await store.claimIdle(crm, T0, many + 1)).length, many)
  }),
]
