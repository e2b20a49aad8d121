import assert from 'node:assert/strict'
import type { Store } from '../../store/port.ts'
import type { Case } from '../plugin-cases.ts'
import { allViews, CONNECTORS, eventId, idOf, registration, settlement, T0, type It } from './bench.ts'

const TEAM = { name: 'team', uses: 'slack' }
const CRM = { name: 'crm', uses: 'salesforce' }

const named = async (store: Store) =>
  Object.fromEntries((await store.connectors()).map((row) => [row.name, row]))

/** What becomes of a connector that gets another name. */
export const renamingCases = (it: It): readonly Case[] => [
  it('renames a connector with its deliveries, its gate, its state and the name of its keys', async ({
    store,
    chat,
  }) => {
    await store.append([registration(1, [chat])])
    await store.changeGate({ connector: chat, paused: T0 })
    await store.keep({ name: 'chat', uses: 'slack' }, 'cursor', '1')
    await store.keep({ name: 'chat', uses: 'other' }, 'cursor', '2')
    assert.deepEqual(await store.rename(chat, 'team'), { kind: 'renamed' })
    assert.deepEqual(
      (await allViews(store)).map(({ connector, state }) => [connector, state]),
      [['team', 'paused']],
    )
    const [row] = await store.register([TEAM, CRM])
    assert.deepEqual(row, { ...row, id: chat, name: 'team', keyName: 'chat', paused: T0 })
    assert.equal(await store.recall(TEAM, 'cursor'), '1')
    assert.equal(await store.recall({ name: 'chat', uses: 'slack' }, 'cursor'), null)
    assert.equal(await store.recall({ name: 'chat', uses: 'other' }, 'cursor'), '2')
  }),

  it('keeps the name of the keys over every further rename, and over a restart', async ({
    store,
    chat,
    reopenAt,
  }) => {
    await store.rename(chat, 'team')
    await store.rename(chat, 'sign-ups')
    assert.equal((await named(store))['sign-ups']?.keyName, 'chat')
    await store.rename(chat, 'chat')
    const again = await reopenAt(T0)
    assert.equal(again.chat, chat)
    assert.equal((await named(again.store))['chat']?.keyName, 'chat')
  }),

  it('gives a new connector keys of its own, though it has the name that another was renamed from', async ({
    store,
    chat,
  }) => {
    await store.rename(chat, 'team')
    const rows = await store.register([...CONNECTORS, TEAM])
    assert.notEqual(idOf(rows, 'chat'), chat)
    const keyName = (await named(store))['chat']?.keyName
    assert.ok(keyName !== undefined && keyName !== 'chat')
    await store.register([...CONNECTORS, TEAM])
    assert.equal((await named(store))['chat']?.keyName, keyName)
    // Of another plugin the keys differ by that.
    await store.register([{ name: 'chat', uses: 'email' }])
    const email = (await store.connectors()).find(({ uses }) => uses === 'email')
    assert.equal(email?.keyName, 'chat')
  }),

  it('lets one without deliveries give way, with what it was: current, or paused', async ({
    store,
    chat,
  }) => {
    await store.append([registration(1, [chat])])
    await store.keep({ name: 'chat', uses: 'slack' }, 'cursor', '"old"')
    await store.keep({ name: 'chat', uses: 'slack' }, 'token', '"kept"')
    const team = idOf(await store.register([TEAM, CRM]), 'team')
    await store.changeGate({ connector: team, paused: T0 + 1 })
    await store.keep(TEAM, 'cursor', '"new"')
    assert.deepEqual(await store.rename(chat, 'team'), { kind: 'renamed' })
    const rows = await named(store)
    assert.deepEqual(Object.keys(rows), ['crm', 'team'])
    assert.deepEqual([rows['team']?.id, rows['team']?.current, rows['team']?.paused], [chat, true, T0 + 1])
    assert.equal(await store.recall(TEAM, 'cursor'), '"new"')
    assert.equal(await store.recall(TEAM, 'token'), '"kept"')
    // No later connector meets the deliveries of one that was there before.
    const sms = idOf(await store.register([{ name: 'sms', uses: 'sms' }, TEAM]), 'sms')
    assert.ok(![chat, rows['crm']?.id].includes(sms))
  }),

  it('changes nothing when the name is that of one with deliveries, and says how many', async ({
    store,
    chat,
  }) => {
    const team = idOf(await store.register([TEAM, CRM]), 'team')
    await store.append([registration(1, [team]), registration(2, [team]), registration(3, [chat])])
    const [first] = await store.claim(team, T0, 1)
    assert.ok(first)
    await store.settle([settlement(first)])
    const before = await store.connectors()
    assert.deepEqual(await store.rename(chat, 'team'), { kind: 'taken', deliveries: 2, open: 1 })
    assert.deepEqual(await store.connectors(), before)
    const [view] = await store.deliveries({ event: eventId(3), limit: 1 }, T0)
    assert.equal(view?.connector, 'chat')
  }),

  it('takes the name of one that is a use of something else for free', async ({ store, chat, crm }) => {
    assert.deepEqual(await store.rename(chat, 'crm'), { kind: 'renamed' })
    const rows = await store.connectors()
    assert.deepEqual(
      rows.map(({ id, name, uses }) => [id, name, uses]),
      [
        [chat, 'crm', 'slack'],
        [crm, 'crm', 'salesforce'],
      ],
    )
  }),
]
