import { sampleEvent } from '@onsignup/core/testing'
import { existsSync, readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryPath } from '../test/processes.ts'
import { createSqliteStore } from './sqlite.ts'

const T0 = Date.parse(sampleEvent().receivedAt)

test('no byte of a forgotten user is left in any file of the store', async () => {
  const path = temporaryPath()
  const store = createSqliteStore({ path })
  onTestFinished(() => store.close())
  await store.open(T0)
  const [row] = await store.register([{ name: 'chat', uses: 'slack' }])
  const connector = row?.id ?? 0
  for (let n = 0; n < 300; n += 1) {
    const name = n % 10 === 0 ? 'Gertrude-the-Forgotten' : 'Ada-the-Kept'
    const event = sampleEvent({ user: { id: `${name}-${n % 20}`, email: `${name}@Example.com` } })
    const accept = {
      event: { ...event, id: `e${n}` },
      keys: { user: `k${n}`, source: null, createdAt: null },
    }
    await store.append([
      { ...accept, body: JSON.stringify(accept.event), deliveries: [{ connector, skipped: null }] },
    ])
    const [claim] = await store.claim(connector, T0, 1)
    if (!claim) throw new Error('nothing was handed out')
    const { delivery, run } = claim
    const detail = `refused ${name}@Example.com`
    const counts = { tries: 1, unknowns: 0, strikes: 0, failingSince: T0 }
    const failed = { run, at: T0, ms: 1, outcome: 'retry', code: null, detail } as const
    const settlement = { delivery, run, counts, reason: detail, suspect: false, attempt: failed, gate: null }
    await store.settle([{ ...settlement, state: n % 3 === 0 ? 'dead' : 'open', due: T0 + n * 1_000 }])
    await store.note(delivery, failed)
  }
  const files = () =>
    [path, `${path}-wal`]
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'latin1').toLowerCase())
      .join('')
  expect(files()).toContain('gertrude-the-forgotten')
  expect((await store.forget('GERTRUDE-the-forgotten@example.com', T0)).events).toBe(30)
  expect(files()).not.toContain('gertrude')
  expect(files()).toContain('ada-the-kept')
  const left = await store.deliveries({ state: 'dead', limit: 200 }, T0)
  expect(left.some(({ user, attempts }) => user.id.startsWith('Ada') && attempts.length === 2)).toBe(true)
})
