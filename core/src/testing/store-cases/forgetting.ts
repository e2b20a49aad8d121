import assert from 'node:assert/strict'
import type { Case } from '../plugin-cases.ts'
import {
  allViews,
  attempt,
  claimOne,
  dueAt,
  eventId,
  MINUTE,
  registration,
  settlement,
  T0,
  viewOf,
  type It,
} from './bench.ts'

const LATER = T0 + 10 * MINUTE

/** What an operator takes out of a store. */
export const forgettingCases = (it: It): readonly Case[] => [
  it('takes everything personal of a forgotten user out, and nothing of others', async ({
    store,
    chat,
    crm,
  }) => {
    await store.append([registration(1, [chat, crm]), registration(2, [chat])])
    const delivered = await claimOne(store, crm)
    await store.settle([settlement(delivered, { attempt: attempt(1, { detail: 'to user1@example.com' }) })])
    const before = await store.event(eventId(2))
    const { events, deliveries } = await store.forget('User1@Example.com', LATER)
    assert.equal(events, 1)
    assert.equal(deliveries.length, 1)
    assert.equal(await store.event(eventId(1)), null)
    assert.deepEqual(await store.event(eventId(2)), before)
    const views = (await allViews(store, LATER)).filter(({ event }) => event === eventId(1))
    assert.deepEqual(
      views.map(({ connector, state, reason, user }) => [connector, state, reason, user]),
      [
        ['chat', 'skipped', 'forgotten', { id: 'forgotten', email: null }],
        ['crm', 'delivered', null, { id: 'forgotten', email: null }],
      ],
    )
    assert.ok(!JSON.stringify(views).includes('user1'))
    assert.deepEqual(
      (await store.claim(chat, LATER, 10)).map(({ event }) => event.user.id),
      ['u2'],
    )
    assert.deepEqual(await store.forget('u1', LATER), { events: 0, deliveries: [] })
  }),

  it('takes nothing any more of what was in flight when its user was forgotten', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    const claim = await claimOne(store, chat)
    assert.deepEqual(await store.forget('u1', LATER), { events: 1, deliveries: [claim.delivery] })
    const late = attempt(claim.run, { detail: 'to user1@example.com' })
    assert.deepEqual(await store.settle([settlement(claim, { attempt: late })]), [false])
    await store.note(claim.delivery, late)
    const view = await viewOf(store, claim.delivery, LATER)
    assert.deepEqual([view.state, view.attempts], ['skipped', []])
    assert.deepEqual(await store.retry({ delivery: claim.delivery, again: true }, LATER), {
      kind: 'forgotten',
    })
    const all = await store.retry({ state: 'skipped', connector: null }, LATER)
    assert.deepEqual(all, { kind: 'retried', deliveries: [], connectors: [] })
  }),

  it('knows a forgotten user again, and takes an account that is made later', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    await store.forget('u1', LATER)
    const again = registration(2, [chat], { keys: { user: 'user-1' } })
    assert.deepEqual(await store.append([again]), [{ kind: 'duplicate', id: eventId(1) }])
    const anew = registration(3, [chat], { keys: { user: 'user-1', createdAt: LATER } })
    assert.deepEqual(await store.append([anew]), [{ kind: 'accepted', id: eventId(3), held: [] }])
  }),

  it('drops what waits of a connector that is configured no more, and nothing else', async ({
    store,
    chat,
    crm,
  }) => {
    await store.append([registration(1, [chat, crm]), registration(2, [chat])])
    await store.settle([settlement(await claimOne(store, chat))])
    const lost = await claimOne(store, chat)
    await store.settle([settlement(lost, { state: 'unknown' })])
    assert.equal(await store.drop('chat', LATER), 0)
    await store.register([{ name: 'crm', uses: 'salesforce' }])
    assert.equal(await store.drop('chat', LATER), 1)
    assert.equal(await store.drop('crm', LATER), 0)
    const views = await allViews(store, LATER)
    assert.deepEqual(views.map(({ connector, state }) => `${connector} ${state}`).toSorted(), [
      'chat delivered',
      'chat skipped',
      'crm pending',
    ])
    assert.match((await viewOf(store, lost.delivery, LATER)).reason ?? '', /^dropped/)
  }),

  it('erases events that ended before a time, and still knows them', async ({ store, chat, crm }) => {
    await store.append([
      registration(1, [chat]),
      registration(2, [chat, crm]),
      registration(3, [chat]),
      dueAt(registration(4, [chat]), LATER),
    ])
    for (const claim of await store.claim(chat, LATER, 10)) {
      const due = claim.event.user.id === 'u3' ? LATER + 1 : T0 + 1
      await store.settle([settlement(claim, { due, attempt: attempt(1) })])
    }
    assert.equal(await store.erase(T0 + 1), 0)
    assert.equal(await store.erase(LATER), 1)
    assert.equal(await store.erase(LATER), 0)
    assert.equal(await store.event(eventId(1)), null)
    for (const kept of [2, 3, 4]) assert.notEqual(await store.event(eventId(kept)), null)
    assert.deepEqual(
      [...new Set((await allViews(store, LATER)).map(({ event }) => event))].toSorted(),
      [2, 3, 4].map(eventId),
    )
    assert.deepEqual(await store.append([registration(1, [chat])]), [{ kind: 'duplicate', id: eventId(1) }])
  }),

  it('puts back, drops and erases many', async ({ store, chat }) => {
    const many = 2_345
    const accepts = Array.from({ length: many }, (_, n) => registration(n + 1, [chat]))
    await store.append([...accepts, dueAt(registration(many + 1, []), LATER)])
    const claims = await store.claim(chat, T0, many)
    await store.settle(claims.map((claim) => settlement(claim, { state: 'dead' })))
    const retried = await store.retry({ state: 'dead', connector: 'chat' }, T0)
    assert.deepEqual(retried, {
      kind: 'retried',
      deliveries: claims.map(({ delivery }) => delivery),
      connectors: [chat],
    })
    await store.register([])
    assert.equal(await store.drop('chat', T0), many)
    assert.equal(await store.erase(LATER), many)
    assert.deepEqual(await allViews(store), [])
  }),
]
