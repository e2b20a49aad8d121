import type { Accept } from '@onsignup/core/engine'
import { sampleEvent } from '@onsignup/core/testing'
import { createSqliteStore } from '@onsignup/store'

const GROUP = 1_000

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** A store in which so many deliveries of `waits` are due, and whose gate an operator has closed. */
export const fillStore = async (path: string, deliveries: number): Promise<void> => {
  const store = createSqliteStore({ path })
  const now = Date.now()
  await store.open(now)
  const [waits] = await store.register([{ name: 'waits', uses: './connector.ts' }])
  if (waits === undefined) throw new Error('the connector has no row')
  await store.changeGate({ connector: waits.id, paused: now })
  const sample = sampleEvent()
  const acceptOf = (n: number): Accept => {
    const user = { ...sample.user, id: `auth0|waits-${n}` }
    const event = { ...sample, id: uuid(n), receivedAt: new Date(now).toISOString(), user }
    const keys = { user: `waits-${n}`, source: null, createdAt: null }
    const delivery = { connector: waits.id, skipped: null }
    return { event, body: JSON.stringify(event), keys, deliveries: [delivery] }
  }
  for (let first = 0; first < deliveries; first += GROUP) {
    const count = Math.min(GROUP, deliveries - first)
    await store.append(Array.from({ length: count }, (_, more) => acceptOf(first + more)))
  }
  await store.close()
}
