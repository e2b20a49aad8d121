import { existsSync, writeFileSync } from 'node:fs'
import type { Accept, Store } from '@onsignup/core/engine'
import { sampleEvent } from '@onsignup/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { backupStore } from './backup.ts'
import { createSqliteStore } from './sqlite.ts'

const T0 = Date.parse(sampleEvent().receivedAt)
const CONNECTORS = [
  { name: 'chat', uses: 'slack' },
  { name: 'crm', uses: 'salesforce' },
]

const opened = async (path: string) => {
  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(T0)
  return { store, rows: await store.register(CONNECTORS) }
}

const append = async (store: Store, n: number, connector: number, hold = false) => {
  const event = { ...sampleEvent(), id: `e${n}` }
  const keys = { user: `u${n}`, source: null, createdAt: null }
  const deliveries = [{ connector, skipped: null, hold }]
  const accept: Accept = { event, body: JSON.stringify(event), keys, deliveries }
  await store.append([accept])
}

test('a copy that is made while the store is used has all that was stored, and opens with every connector paused', async () => {
  const path = temporaryPath()
  const to = temporaryPath('copy.db')
  const { store, rows } = await opened(path)
  const [chat, crm] = rows
  await append(store, 1, chat?.id ?? 0)
  await append(store, 2, crm?.id ?? 0, true)
  await store.changeGate({ connector: crm?.id ?? 0, paused: T0 - 5 })
  backupStore(path, to, T0 + 7)
  await append(store, 3, chat?.id ?? 0)

  const copy = await opened(to)
  expect(copy.rows.map(({ name, paused }) => [name, paused])).toEqual([
    ['chat', T0 + 7],
    ['crm', T0 - 5],
  ])
  const views = await copy.store.deliveries({ limit: 10 }, T0)
  expect(views.map(({ event, state }) => [event, state])).toEqual([
    ['e2', 'paused'],
    ['e1', 'paused'],
  ])
  // What was in flight when it was copied may have been sent.
  expect(views[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['lost'])
  const original = await store.deliveries({ limit: 10 }, T0)
  expect(original.map(({ state }) => state)).toEqual(['pending', 'running', 'pending'])
})

test('a connector of a copy that was resumed stays so over a restart', async () => {
  const path = temporaryPath()
  const to = temporaryPath('copy.db')
  const { store } = await opened(path)
  backupStore(path, to, T0)
  const first = await opened(to)
  await first.store.changeGate({ connector: first.rows[0]?.id ?? 0, paused: null })
  await first.store.close()
  const second = await opened(to)
  expect(second.rows.map(({ paused }) => paused)).toEqual([null, T0])
  await store.close()
})

test('no copy is made over a file that is there, of a store that is not, or of what is no store', async () => {
  const path = temporaryPath()
  const { store } = await opened(path)
  await store.close()
  const other = temporaryPath('other.db')
  expect(() => backupStore(path, path, T0)).toThrow(`${path} is there already`)
  expect(() => backupStore(other, temporaryPath('a.db'), T0)).toThrow(`there is no store ${other}`)
  writeFileSync(other, 'a text, not a database')
  const to = temporaryPath('b.db')
  expect(() => backupStore(other, to, T0)).toThrow(/cannot be copied|is no store/)
  expect([existsSync(to), existsSync(`${to}.part`)]).toEqual([false, false])
})
