import assert from 'node:assert/strict'
import type { Store } from '../../store/port.ts'
import type { Case } from '../plugin-cases.ts'
import {
  allViews,
  attempt,
  claimOne,
  eventId,
  MINUTE,
  registration,
  settlement,
  T0,
  viewOf,
  type It,
} from './bench.ts'

const outputsOf = async (store: Store, delivery: number): Promise<readonly (string | undefined)[]> => {
  const views = await store.deliveries({ delivery, limit: 10 }, T0)
  assert.deepEqual(
    views.map(({ id }) => id),
    [delivery],
  )
  return views.flatMap(({ attempts }) => attempts.map(({ output }) => output))
}

const sentOf = async (store: Store, delivery: number): Promise<readonly (string | undefined)[]> =>
  (await viewOf(store, delivery)).attempts.map(({ sent }) => sent)

/** What attempts sent and printed, and what connectors keep for themselves. */
export const keepingCases = (it: It): readonly Case[] => [
  it('keeps what each attempt printed, and tells it of one delivery that is asked for', async ({
    store,
    chat,
  }) => {
    await store.append([registration(1, [chat]), registration(2, [chat])])
    const first = await claimOne(store, chat)
    const other = await claimOne(store, chat)
    const settle = async (run: number, output?: string) => {
      const record = attempt(run, {
        outcome: 'retry',
        at: T0 + run,
        ...(output !== undefined && { output }),
      })
      await store.settle([settlement({ ...first, run }, { state: 'open', attempt: record })])
    }
    await settle(1, 'one\ntwo')
    await store.claim(chat, T0, 1)
    await settle(2)
    await store.claim(chat, T0, 1)
    await settle(3, 'three')
    await store.note(first.delivery, attempt(3, { at: T0 + 9, output: 'late' }))
    await store.settle([settlement(other, { attempt: attempt(1, { output: 'of another' }) })])
    assert.deepEqual(await outputsOf(store, first.delivery), ['one\ntwo', undefined, 'three', 'late'])
    assert.deepEqual(await outputsOf(store, other.delivery), ['of another'])
    for (const { attempts } of await allViews(store)) {
      for (const each of attempts) assert.ok(!('output' in each))
    }
  }),

  it('keeps no output of a run that is not the current one', async ({ store, chat, reopenAt }) => {
    await store.append([registration(1, [chat])])
    const claim = await claimOne(store, chat)
    const { store: after } = await reopenAt(T0)
    await after.settle([settlement(claim, { attempt: attempt(1, { output: 'too late' }) })])
    assert.deepEqual(await outputsOf(after, claim.delivery), [undefined])
  }),

  it('takes what was printed out with its user, and with its event', async ({ store, chat }) => {
    await store.append([registration(1, [chat]), registration(2, [chat]), registration(3, [chat])])
    const claims = await store.claim(chat, T0, 2)
    await store.settle(
      claims.map((claim) => settlement(claim, { attempt: attempt(1, { output: 'user@example.com' }) })),
    )
    const [forgotten, erased] = claims
    assert.ok(forgotten && erased)
    await store.forget('u1', T0)
    assert.deepEqual(await outputsOf(store, forgotten.delivery), [undefined])
    assert.deepEqual(await outputsOf(store, erased.delivery), ['user@example.com'])
    await store.erase(T0 + MINUTE)
    assert.equal(await store.event(eventId(2)), null)
    assert.deepEqual(await store.deliveries({ delivery: erased.delivery, limit: 1 }, T0), [])
  }),

  it('keeps the hash of what each attempt sent, until its user is forgotten', async ({
    store,
    chat,
    reopenAt,
  }) => {
    await store.append([registration(1, [chat]), registration(2, [chat])])
    const [first, other] = await store.claim(chat, T0, 2)
    assert.ok(first && other)
    const open = { state: 'open', due: T0 } as const
    await store.settle([
      settlement(first, { ...open, attempt: attempt(1, { outcome: 'retry', sent: 'aaa' }) }),
      settlement(other, { attempt: attempt(1, { sent: 'of another' }) }),
    ])
    await store.settle([settlement(await claimOne(store, chat), open)])
    await store.settle([settlement(await claimOne(store, chat), { attempt: attempt(3, { sent: 'ccc' }) })])
    await store.note(first.delivery, attempt(3, { at: T0 + 9, sent: 'late' }))
    const { store: after } = await reopenAt(T0)
    assert.deepEqual(await sentOf(after, first.delivery), ['aaa', undefined, 'ccc', 'late'])
    await after.forget('u1', T0)
    assert.deepEqual(await sentOf(after, first.delivery), [undefined, undefined, undefined, undefined])
    assert.deepEqual(await sentOf(after, other.delivery), ['of another'])
  }),

  it('keeps what a connector gives it, apart from what others do, over a restart', async ({
    store,
    reopenAt,
  }) => {
    const chat = { name: 'chat', uses: 'slack' }
    const others = [
      { name: 'chat', uses: 'other' },
      { name: 'crm', uses: 'slack' },
    ]
    assert.equal(await store.recall(chat, 'token'), null)
    await store.keep(chat, 'token', '"first"')
    await store.keep(chat, 'token', '"second"')
    await store.keep(chat, 'cursor', '7')
    for (const owner of others) {
      assert.equal(await store.recall(owner, 'token'), null)
      await store.keep(owner, 'token', 'null')
    }
    const { store: after } = await reopenAt(T0)
    assert.equal(await after.recall(chat, 'token'), '"second"')
    await after.keep(chat, 'token', null)
    assert.equal(await after.recall(chat, 'token'), null)
    assert.equal(await after.recall(chat, 'cursor'), '7')
    for (const owner of others) assert.equal(await after.recall(owner, 'token'), 'null')
  }),

  it('keeps what was refused until it is dropped, the newest first', async ({ store, reopenAt }) => {
    const refused = (n: number, over: object = {}) => ({
      path: '/sources/auth0',
      at: T0 + n,
      eventId: n === 1 ? null : `evt_${n}`,
      why: `reason ${n}`,
      payload: `{"n":${n}}`,
      ...over,
    })
    await store.keepRefused([refused(1), refused(2)])
    await store.keepRefused([refused(3)])
    const { store: after } = await reopenAt(T0)
    const [third, second, first, ...none] = await after.listRefused({ limit: 9 })
    assert.ok(third && second && first)
    assert.deepEqual(none, [])
    assert.deepEqual(first, { id: first.id, ...refused(1) })
    assert.deepEqual(third, { id: third.id, ...refused(3) })
    assert.deepEqual(await after.listRefused({ limit: 1, after: third.id }), [second])
    assert.deepEqual(await after.listRefused({ limit: 9, id: first.id }), [first])
    assert.equal(await after.dropRefused({ id: second.id }), 1)
    assert.equal(await after.dropRefused({ id: second.id }), 0)
    assert.equal(await after.dropRefused({ before: T0 + 3 }), 1)
    assert.deepEqual(await after.listRefused({ limit: 9 }), [third])
  }),

  it('takes out what was refused and names a forgotten user, and nothing of others', async ({ store }) => {
    const payloads = [
      { user_id: 'auth0|12345678' },
      { name: 'Ada <Ada@Example.com>' },
      { user_id: 'u1' },
      { user_id: 'u12', list: ['x-u1'] },
    ]
    await store.keepRefused(
      payloads.map((payload) => ({
        path: '/p',
        at: T0,
        eventId: null,
        why: 'why',
        payload: JSON.stringify(payload),
      })),
    )
    const left = async () =>
      (await store.listRefused({ limit: 9 })).map(({ payload }) => payload).toReversed()
    const texts = payloads.map((payload) => JSON.stringify(payload))
    await store.forget('auth0|12345678', T0)
    assert.deepEqual(await left(), texts.slice(1))
    await store.forget('ada@example.com', T0)
    assert.deepEqual(await left(), texts.slice(2))
    await store.forget('u1', T0)
    assert.deepEqual(await left(), texts.slice(3))
  }),
]
