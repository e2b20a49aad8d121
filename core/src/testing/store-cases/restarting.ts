import assert from 'node:assert/strict'
import type { Case } from '../plugin-cases.ts'
import {
  allViews,
  claimOne,
  CONNECTORS,
  idOf,
  registration,
  settlement,
  T0,
  viewOf,
  type It,
} from './bench.ts'

const LATER = T0 + 3_600_000

/** What a crash leaves, and what changed connectors leave. */
export const restartingCases = (it: It): readonly Case[] => [
  it('ends a run that was marked as not to be repeated as unknown after a crash', async ({
    store,
    chat,
    reopenAt,
  }) => {
    await store.append([registration(1, [chat])])
    await store.release([await claimOne(store, chat)])
    const claim = await claimOne(store, chat)
    await store.begin([claim], 'hold')
    const after = await reopenAt(LATER)
    const view = await viewOf(after.store, claim.delivery, LATER)
    assert.deepEqual([view.state, view.due, view.tries], ['unknown', null, 0])
    assert.match(view.reason ?? '', /may have been delivered/)
    assert.deepEqual(
      view.attempts.map(({ run, at, outcome }) => [run, at, outcome]),
      [[2, LATER, 'lost']],
    )
    assert.deepEqual(await after.store.claim(after.chat, LATER, 1), [])
    assert.deepEqual(await after.store.settle([settlement(claim)]), [false])
  }),

  it('frees a run without a begin mark after a crash, as one that may have run', async ({
    store,
    chat,
    reopenAt,
  }) => {
    await store.append([registration(1, [chat])])
    const lost = await claimOne(store, chat)
    const after = await reopenAt(LATER)
    const view = await viewOf(after.store, lost.delivery, LATER)
    assert.deepEqual([view.state, view.due, view.tries, view.reason], ['pending', LATER, 0, null])
    assert.deepEqual(
      view.attempts.map(({ run, at, outcome }) => [run, at, outcome]),
      [[1, LATER, 'lost']],
    )
    assert.deepEqual(await after.store.settle([settlement(lost)]), [false])
    const claim = await claimOne(after.store, after.chat, LATER)
    assert.deepEqual([claim.run, claim.suspect], [2, true])
    assert.deepEqual(await after.store.settle([settlement(lost)]), [false])
    assert.deepEqual(await after.store.settle([settlement(claim)]), [true])
  }),

  it('takes only the begin mark of the run that was lost', async ({ store, chat, reopenAt }) => {
    await store.append([registration(1, [chat]), registration(2, [chat])])
    const [first, second] = await store.claim(chat, T0, 2)
    assert.ok(first && second)
    await store.begin([first], 'hold')
    await store.release([first, second])
    await store.claim(chat, T0, 2)
    await store.begin([second], 'hold')
    const after = await reopenAt(LATER)
    assert.equal((await viewOf(after.store, first.delivery, LATER)).state, 'pending')
    assert.equal((await viewOf(after.store, second.delivery, LATER)).state, 'pending')
  }),

  it('lets a suspect that was lost again run alone, and buries it at the fifth loss alone', async ({
    store,
    chat,
    reopenAt,
  }) => {
    await store.append([registration(1, [chat])])
    const first = await claimOne(store, chat)
    assert.equal(first.alone, false)
    await store.begin([first], 'suspect')
    let after = await reopenAt(LATER)
    for (let loss = 1; loss <= 5; loss += 1) {
      const claim = await claimOne(after.store, after.chat, LATER)
      assert.deepEqual([claim.suspect, claim.alone], [true, true], `loss ${loss}`)
      await after.store.begin([claim], 'alone')
      after = await reopenAt(LATER)
      if (loss > 1) continue
      const waited = await claimOne(after.store, after.chat, LATER)
      assert.equal(waited.alone, true)
      after = await reopenAt(LATER)
    }
    const view = await viewOf(after.store, first.delivery, LATER)
    assert.deepEqual([view.state, view.tries, view.attempts.length], ['dead', 0, 7])
    assert.match(view.reason ?? '', /killed the process/)
    await after.store.retry({ delivery: first.delivery, again: false }, LATER)
    const again = await claimOne(after.store, after.chat, LATER)
    await after.store.begin([again], 'alone')
    after = await reopenAt(LATER)
    assert.equal((await viewOf(after.store, first.delivery, LATER)).state, 'pending')
  }),

  it('lets what ended while it ran alone run beside others again', async ({ store, chat, reopenAt }) => {
    await store.append([registration(1, [chat])])
    await store.begin([await claimOne(store, chat)], 'suspect')
    const after = await reopenAt(LATER)
    const claim = await claimOne(after.store, after.chat, LATER)
    await after.store.settle([settlement(claim, { state: 'open', due: LATER })])
    assert.deepEqual((await claimOne(after.store, after.chat, LATER)).alone, false)
  }),

  it('leaves what nobody held as it was over a restart', async ({ store, chat, crm, reopenAt }) => {
    await store.append([registration(1, [chat, crm]), registration(2, [chat])])
    const [done, waiting] = await store.claim(chat, T0, 2)
    assert.ok(done && waiting)
    await store.settle([
      settlement(done),
      settlement(waiting, { state: 'open', due: LATER + 5, reason: 'busy' }),
    ])
    const before = await store.deliveries({ limit: 10 }, LATER)
    const after = await reopenAt(LATER)
    assert.deepEqual(await after.store.deliveries({ limit: 10 }, LATER), before)
  }),

  it('gives a connector of the same name and plugin the same row over restarts', async ({
    chat,
    crm,
    reopenAt,
  }) => {
    const after = await reopenAt(LATER)
    assert.deepEqual([after.chat, after.crm], [chat, crm])
    const rows = await after.store.register(CONNECTORS.toReversed())
    assert.deepEqual(
      rows.map(({ id, name, uses }) => [id, name, uses]),
      [
        [crm, 'crm', 'salesforce'],
        [chat, 'chat', 'slack'],
      ],
    )
  }),

  it('gives a connector of the same name and another plugin a new row', async ({ store, chat }) => {
    await store.append([registration(1, [chat])])
    const email = idOf(await store.register([{ name: 'chat', uses: 'email' }]), 'chat')
    assert.notEqual(email, chat)
    assert.deepEqual(
      (await allViews(store)).map(({ state }) => state),
      ['orphaned'],
    )
    assert.deepEqual(await store.claim(email, T0, 10), [])
    assert.equal(idOf(await store.register(CONNECTORS), 'chat'), chat)
  }),

  it('shows deliveries of a connector that is gone as orphaned until it is back', async ({
    store,
    chat,
    crm,
  }) => {
    await store.append([registration(1, [chat, crm]), registration(2, [chat])])
    await store.settle([settlement(await claimOne(store, chat))])
    await store.register([{ name: 'crm', uses: 'salesforce' }])
    const states = async () => (await store.deliveries({ limit: 10 }, T0)).map(({ state }) => state)
    assert.deepEqual(await states(), ['orphaned', 'pending', 'delivered'])
    await store.register(CONNECTORS)
    assert.deepEqual(await states(), ['pending', 'pending', 'delivered'])
    assert.equal((await claimOne(store, chat)).event.user.id, 'u2')
  }),

  it('rejects every call before it is opened and after it is closed', async ({ store, chat }) => {
    await store.close()
    await store.close()
    const isUnavailable = { code: 'store_unavailable' }
    await assert.rejects(store.append([registration(1, [chat])]), isUnavailable)
    await assert.rejects(store.claim(chat, T0, 1), isUnavailable)
    await assert.rejects(store.deliveries({ limit: 1 }, T0), isUnavailable)
    await assert.rejects(store.probe(), isUnavailable)
    await store.open(T0)
    await store.probe()
  }),
]
