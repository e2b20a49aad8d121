import assert from 'node:assert/strict'
import type { EventKeys } from '../../event/keys.ts'
import type { RegistrationEvent } from '../../event/schema.ts'
import type {
  Accept,
  AttemptRecord,
  Claim,
  ConnectorRow,
  DeliveryView,
  Settlement,
  Store,
} from '../../store/port.ts'
import { sampleEvent } from '../fakes.ts'
import type { Case } from '../plugin-cases.ts'

/** A store under test; neither `store` nor what `reopen` gives has been opened yet. */
export interface StoreUnderTest {
  readonly store: Store
  /** A store on the same data, as after the process was killed: nothing was given back. */
  readonly reopen: () => Promise<Store>
  /** Called after the store was closed. */
  readonly remove?: () => Promise<void>
}

export type MakeStore = () => Promise<StoreUnderTest>

/** When every case's events were received, and its store was opened. Epoch milliseconds. */
export const T0 = Date.parse('2026-01-02T03:04:06.000Z')

export const MINUTE = 60_000

/** An opened store with two connectors. */
export interface Bench {
  readonly store: Store
  /** Row ids of the connectors `chat` and `crm`. */
  readonly chat: number
  readonly crm: number
  /** Opens the data again at this time, with the same connectors. */
  reopenAt(now: number): Promise<Bench>
}

export const CONNECTORS = [
  { name: 'chat', uses: 'slack' },
  { name: 'crm', uses: 'salesforce' },
]

export const idOf = (rows: readonly ConnectorRow[], name: string): number => {
  const row = rows.find((candidate) => candidate.name === name)
  assert.ok(row, `register returned no row for ${name}`)
  return row.id
}

/** Makes a case of what it is called and what it does with an open store. */
export type It = (name: string, body: (bench: Bench) => Promise<void>) => Case

/** Makes cases that each run on a store of their own, which they close and remove whatever happens. */
export const onStoresOf =
  (make: MakeStore): It =>
  (name, body) => ({
    name,
    async run() {
      const { store, reopen, remove } = await make()
      let current = store
      const openAt = async (now: number): Promise<Bench> => {
        await current.open(now)
        const opened = current
        const rows = await opened.register(CONNECTORS)
        return {
          store: opened,
          chat: idOf(rows, 'chat'),
          crm: idOf(rows, 'crm'),
          async reopenAt(later) {
            current = await reopen()
            return openAt(later)
          },
        }
      }
      try {
        await body(await openAt(T0))
      } finally {
        await current.close()
        await remove?.()
      }
    },
  })

/** The id of the nth event; any two differ. */
export const eventId = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** The nth registration, of a user of its own, for these connectors. */
export const registration = (
  n: number,
  connectors: readonly number[],
  over: { readonly keys?: Partial<EventKeys>; readonly event?: Parameters<typeof sampleEvent>[0] } = {},
): Accept => {
  const event = { ...numbered(n, sampleEvent(over.event)), id: eventId(n) }
  return {
    event,
    body: JSON.stringify(event),
    keys: { user: `user-${n}`, source: `source-${n}`, createdAt: T0, ...over.keys },
    deliveries: connectors.map((connector) => ({ connector, skipped: null })),
  }
}

const numbered = (n: number, event: RegistrationEvent): RegistrationEvent => ({
  ...event,
  user: { ...event.user, id: `u${n}`, email: `user${n}@example.com` },
})

/** An accept received this much later, so that its deliveries are due that much later. */
export const dueAt = (accept: Accept, due: number): Accept => {
  const event = { ...accept.event, receivedAt: new Date(due).toISOString() }
  return { ...accept, event, body: JSON.stringify(event) }
}

export const attempt = (run: number, over: Partial<AttemptRecord> = {}): AttemptRecord => ({
  run,
  at: T0,
  ms: 5,
  outcome: 'delivered',
  code: null,
  detail: null,
  ...over,
})

/** Delivered at T0 on the first try, unless said otherwise. */
export const settlement = (claim: Claim, over: Partial<Settlement> = {}): Settlement => ({
  delivery: claim.delivery,
  run: claim.run,
  state: 'delivered',
  due: T0,
  counts: { tries: 0, unknowns: 0, strikes: 0, failingSince: null },
  reason: null,
  suspect: claim.suspect,
  attempt: attempt(claim.run),
  gate: null,
  ...over,
})

/** Claims the one delivery that must be due. */
export const claimOne = async (store: Store, connector: number, now = T0): Promise<Claim> => {
  const [claim] = await store.claim(connector, now, 1)
  assert.ok(claim, 'no delivery was handed out')
  return claim
}

/** The views of all deliveries, oldest first. */
export const allViews = async (store: Store, now = T0): Promise<readonly DeliveryView[]> =>
  (await store.deliveries({ limit: 10_000 }, now)).toReversed()

/** The one delivery's view that must be there. */
export const viewOf = async (store: Store, delivery: number, now = T0): Promise<DeliveryView> => {
  const view = (await allViews(store, now)).find(({ id }) => id === delivery)
  assert.ok(view, `delivery ${delivery} is not listed`)
  return view
}
