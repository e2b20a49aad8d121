import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { normalise, type Accept, type ConnectorRow, type Store } from '@onsignup/core/engine'
import { createSqliteStore } from '@onsignup/store'
import { CONNECTORS, registration } from '../registration.ts'

const GROUP = 250

/** Where the backlog stands that `fill` makes and the others work on. */
export const backlogFile = (folder: string): string => join(folder, 'onsignup.db')

export interface Backlog {
  readonly store: Store
  readonly connectors: readonly ConnectorRow[]
  /** Adds due deliveries, at least this many. */
  grow(deliveries: number): Promise<void>
}

/** Opens the store as the engine does, without the engine; users are numbered from `from`. */
export const openBacklog = async (folder: string, from: number): Promise<Backlog> => {
  const store = createSqliteStore({ path: backlogFile(folder) })
  await store.open(Date.now())
  const connectors = await store.register(CONNECTORS.map((name) => ({ name, uses: 'function' })))
  const deliveries = connectors.map(({ id }) => ({ connector: id, skipped: null }))
  const acceptOf = (n: number): Accept => {
    const { event, keys } = normalise(registration(n), Date.now(), randomUUID)
    return { event, body: JSON.stringify(event), keys, deliveries }
  }
  let next = from
  return {
    store,
    connectors,
    async grow(wanted) {
      const end = next + Math.ceil(wanted / CONNECTORS.length)
      while (next < end) {
        const count = Math.min(GROUP, end - next)
        const first = next
        next += count
        await store.append(Array.from({ length: count }, (_, n) => acceptOf(first + n)))
      }
    },
  }
}
