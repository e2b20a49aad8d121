import assert from 'node:assert/strict'
import type { Case } from '../plugin-cases.ts'
import { allViews, claimOne, eventId, MINUTE, registration, T0, type It } from './bench.ts'

/** How registrations get in, and what keeps a second one out. */
export const acceptingCases = (it: It): readonly Case[] => [
  it('stores an event with a delivery for each connector, due when it was received', async ({
    store,
    chat,
    crm,
  }) => {
    const accept = registration(1, [chat, crm])
    assert.deepEqual(await store.append([accept]), [{ kind: 'accepted', id: eventId(1), held: [] }])
    assert.deepEqual(await store.event(eventId(1)), accept.event)
    const views = await allViews(store)
    assert.deepEqual(
      views.map(({ event, connector, state, due }) => ({ event, connector, state, due })),
      ['chat', 'crm'].map((connector) => ({ event: eventId(1), connector, state: 'pending', due: T0 })),
    )
    assert.deepEqual(views[0]?.user, { id: 'u1', email: 'user1@example.com' })
    assert.deepEqual(views[0]?.attempts, [])
  }),

  it('answers a repeat of a user with the first event and adds no delivery', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    const repeat = registration(2, [chat], { keys: { user: 'user-1' } })
    assert.deepEqual(await store.append([repeat]), [{ kind: 'duplicate', id: eventId(1) }])
    assert.equal((await allViews(store)).length, 1)
    assert.equal(await store.event(eventId(2)), null)
  }),

  it('takes an account created more than a minute later as a new registration', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    const later = registration(2, [chat], { keys: { user: 'user-1', createdAt: T0 + MINUTE + 1 } })
    assert.deepEqual(await store.append([later]), [{ kind: 'accepted', id: eventId(2), held: [] }])
    const repeat = registration(3, [chat], { keys: { user: 'user-1', createdAt: T0 + MINUTE + 1 } })
    assert.deepEqual(await store.append([repeat]), [{ kind: 'duplicate', id: eventId(2) }])
    assert.equal((await allViews(store)).length, 2)
  }),

  it('takes an account created within a minute, or earlier, as the same registration', async ({
    store,
    chat,
  }) => {
    await store.append([registration(1, [chat])])
    for (const [n, createdAt] of [T0 + MINUTE, T0 - 10 * MINUTE].entries()) {
      const repeat = registration(2 + n, [chat], { keys: { user: 'user-1', createdAt } })
      assert.deepEqual(await store.append([repeat]), [{ kind: 'duplicate', id: eventId(1) }])
    }
  }),

  it('takes a creation time that is not known as the same registration', async ({ store, chat }) => {
    await store.append([
      registration(1, [chat]),
      registration(2, [chat], { keys: { user: 'user-2', createdAt: null } }),
    ])
    const answers = await store.append([
      registration(3, [chat], { keys: { user: 'user-1', createdAt: null } }),
      registration(4, [chat], { keys: { user: 'user-2', createdAt: T0 + 10 * MINUTE } }),
    ])
    assert.deepEqual(answers, [
      { kind: 'duplicate', id: eventId(1) },
      { kind: 'duplicate', id: eventId(2) },
    ])
  }),

  it("refuses a provider's event id that is known of another user", async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    const other = registration(2, [chat], { keys: { source: 'source-1' } })
    assert.deepEqual(await store.append([other]), [{ kind: 'conflict', id: eventId(1) }])
    assert.equal((await allViews(store)).length, 1)
    assert.equal(await store.event(eventId(2)), null)
  }),

  it("takes a provider's event id of the same user as a repeat, whenever created", async ({
    store,
    chat,
  }) => {
    await store.append([registration(1, [chat])])
    const again = registration(2, [chat], {
      keys: { source: 'source-1', user: 'user-1', createdAt: T0 + 10 * MINUTE },
    })
    assert.deepEqual(await store.append([again]), [{ kind: 'duplicate', id: eventId(1) }])
  }),

  it('finds repeats and conflicts inside one call', async ({ store, chat }) => {
    const answers = await store.append([
      registration(1, [chat]),
      registration(2, [chat], { keys: { user: 'user-1' } }),
      registration(3, [chat], { keys: { source: 'source-1' } }),
      registration(4, [chat]),
    ])
    assert.deepEqual(
      answers.map(({ kind, id }) => [kind, id]),
      [
        ['accepted', eventId(1)],
        ['duplicate', eventId(1)],
        ['conflict', eventId(1)],
        ['accepted', eventId(4)],
      ],
    )
    assert.equal((await allViews(store)).length, 2)
  }),

  it('lets neither a test event keep a live one out, nor a live one a test event', async ({
    store,
    chat,
  }) => {
    const test = registration(1, [chat], { event: { source: { test: true } } })
    const live = registration(2, [chat], { keys: test.keys })
    const again = { ...registration(3, [chat], { event: { source: { test: true } } }), keys: test.keys }
    assert.deepEqual(
      (await store.append([test, live, again])).map(({ kind }) => kind),
      ['accepted', 'accepted', 'accepted'],
    )
  }),

  it('stores a delivery as skipped where told, and never hands it out', async ({ store, chat, crm }) => {
    const accept = registration(1, [])
    const deliveries = [
      { connector: chat, skipped: 'a test event' },
      { connector: crm, skipped: null },
    ]
    await store.append([{ ...accept, deliveries }])
    const [skipped, open] = await allViews(store)
    assert.deepEqual([skipped?.state, skipped?.reason, skipped?.due], ['skipped', 'a test event', null])
    assert.deepEqual([open?.state, open?.reason], ['pending', null])
    assert.deepEqual(await store.claim(chat, T0, 10), [])
    assert.equal(await store.nextDue(chat), null)
  }),

  it('stores an event for which there is no connector', async ({ store }) => {
    await store.append([registration(1, [])])
    assert.equal((await store.event(eventId(1)))?.id, eventId(1))
    assert.deepEqual(await allViews(store), [])
  }),

  it('writes nothing of a call that it rejects, and all of the others of that moment', async ({
    store,
    chat,
  }) => {
    const nowhere = chat + 1_000
    await Promise.all([
      store.append([registration(1, [chat])]),
      assert.rejects(store.append([registration(2, [chat]), registration(3, [nowhere])]), {
        code: 'store_unavailable',
      }),
      store.append([registration(4, [chat])]),
    ])
    const events = (await allViews(store)).map(({ event }) => event)
    assert.deepEqual(events, [eventId(1), eventId(4)])
    assert.deepEqual(await store.append([registration(2, [chat])]), [
      { kind: 'accepted', id: eventId(2), held: [] },
    ])
  }),

  it('remembers events and registrations over a restart', async ({ store, chat, reopenAt }) => {
    const accept = registration(1, [chat])
    await store.append([accept])
    const after = await reopenAt(T0 + MINUTE)
    assert.deepEqual(await after.store.event(eventId(1)), accept.event)
    assert.deepEqual(await after.store.append([accept]), [{ kind: 'duplicate', id: eventId(1) }])
    assert.equal((await claimOne(after.store, after.chat)).event.id, eventId(1))
  }),

  it('accepts none and five hundred in one call, in order', async ({ store, chat, crm }) => {
    assert.deepEqual(await store.append([]), [])
    const accepts = Array.from({ length: 500 }, (_, n) => registration(n, [chat, crm]))
    const answers = await store.append(accepts)
    assert.deepEqual(
      answers,
      accepts.map(({ event }) => ({ kind: 'accepted', id: event.id, held: [] })),
    )
    assert.equal((await allViews(store)).length, 1_000)
    const claims = await store.claim(crm, T0, 500)
    assert.deepEqual(
      claims.map(({ event }) => event.id),
      accepts.map(({ event }) => event.id),
    )
  }),

  it('keeps every character of an event', async ({ store, chat }) => {
    const everything = Array.from({ length: 0xd800 - 1 }, (_, code) => String.fromCharCode(code + 1)).join('')
    const accept = registration(1, [chat], {
      event: {
        user: {
          name: `${everything}\uE000\uFFFD\uFFFE\uFFFF\u{1F600}\u{10FFFF}`,
          user_metadata: { "'; --": ['"\\', { '': 1e21 }, -0.1, true, null], 'ключ\u0301': 'e\u0301 é' },
        },
      },
    })
    await store.append([accept])
    assert.equal(JSON.stringify(await store.event(eventId(1))), JSON.stringify(accept.event))
    assert.equal(JSON.stringify((await claimOne(store, chat)).event), JSON.stringify(accept.event))
  }),
]
