import { sampleEvent } from '@onsignup/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { killAtOnce, startHolder, temporaryPath } from '../test/processes.ts'
import { connect } from './connection.ts'
import { createSqliteStore } from './sqlite.ts'

test('what was written when the promise resolved is there after kill -9, and what was held is told apart', async () => {
  const path = temporaryPath()
  await killAtOnce(await startHolder(path))

  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(2_000)
  await store.register([{ name: 'chat', uses: 'slack' }])
  expect(await store.event(sampleEvent().id)).toEqual(sampleEvent())
  const views = await store.deliveries({ limit: 10 }, 2_000)
  expect(
    views.map(({ state, due, attempts }) => [state, due, attempts.map(({ outcome }) => outcome)]),
  ).toEqual([
    ['pending', 2_000, ['lost']],
    ['unknown', null, ['lost']],
  ])
})

test('each process that opens the store takes an epoch of its own', async () => {
  const path = temporaryPath()
  for (const expected of [1, 2]) {
    const store = createSqliteStore({ path })
    await store.open(0)
    await store.close()
    const db = connect(path)
    expect(db.get('SELECT epoch FROM engine')?.['epoch']).toBe(expected)
    db.close()
  }
})

test('opening a store that is open frees nothing that it holds', async () => {
  const store = createSqliteStore({ path: temporaryPath() })
  onTestFinished(() => store.close())
  await store.open(0)
  const [row] = await store.register([{ name: 'chat', uses: 'slack' }])
  const connector = row?.id ?? 0
  const keys = { user: 'u', source: 's', createdAt: null }
  await store.append([
    {
      event: sampleEvent(),
      body: JSON.stringify(sampleEvent()),
      keys,
      deliveries: [{ connector, skipped: null }],
    },
  ])
  const now = Date.parse(sampleEvent().receivedAt)
  expect(await store.claim(connector, now, 1)).toHaveLength(1)
  await store.open(now)
  expect(await store.claim(connector, now, 1)).toEqual([])
})

test('a store in memory works without a file', async () => {
  const store = createSqliteStore({ path: ':memory:' })
  onTestFinished(() => store.close())
  await store.open(0)
  await store.append([
    {
      event: sampleEvent(),
      body: JSON.stringify(sampleEvent()),
      keys: { user: 'u', source: 's', createdAt: null },
      deliveries: [],
    },
  ])
  expect((await store.event(sampleEvent().id))?.user.id).toBe(sampleEvent().user.id)
})

test('a call made just before the store is closed is still written', async () => {
  const path = temporaryPath()
  const store = createSqliteStore({ path })
  await store.open(0)
  const [, answers] = await Promise.all([
    store.register([{ name: 'chat', uses: 'slack' }]),
    store.append([
      {
        event: sampleEvent(),
        body: JSON.stringify(sampleEvent()),
        keys: { user: 'u', source: 's', createdAt: null },
        deliveries: [],
      },
    ]),
    store.close(),
  ])
  expect(answers[0]?.kind).toBe('accepted')
  await store.open(0)
  onTestFinished(() => store.close())
  expect(await store.event(sampleEvent().id)).not.toBeNull()
})
