import type { RegistrationEvent } from '../event/schema.ts'
import type {
  AttemptRecord,
  BeginMark,
  Birth,
  Claim,
  ConnectorRow,
  Counts,
  DeliveryQuery,
  DeliveryState,
  DeliveryView,
  GateChange,
  Period,
} from './port.ts'
import { FORGOTTEN, WHEN_IDLE } from './port.ts'
import { shownReason, shownState } from './view.ts'

export interface Connector extends ConnectorRow {
  readonly current: boolean
}

export interface Delivery extends Counts {
  readonly id: number
  readonly event: RegistrationEvent
  readonly connector: number
  readonly state: DeliveryState
  readonly due: number
  readonly held: boolean
  readonly run: number
  /** The run that was last marked as begun; 0 when none was. */
  readonly begun: number
  readonly mark: BeginMark | null
  readonly suspect: boolean
  readonly alone: boolean
  /** How often it was lost while it ran alone. */
  readonly lost: number
  readonly generation: number
  readonly reason: string | null
  readonly attempts: readonly AttemptRecord[]
}

/** A connector that is new to the store. */
export const bornConnector = (
  id: number,
  { name, uses }: Pick<ConnectorRow, 'name' | 'uses'>,
  others: readonly Connector[],
): Connector => ({
  id,
  name,
  uses,
  // Keys of two connectors must differ, though one now has the name that the other was renamed from.
  keyName: others.some((other) => other.uses === uses && other.keyName === name) ? `${name}#${id}` : name,
  parked: null,
  paused: null,
  released: null,
  throttledUntil: null,
  current: true,
})

/** The connector under another name, in place of one that had it. */
export const renamed = (row: Connector, name: string, other: Connector | undefined): Connector => ({
  ...row,
  name,
  paused: row.paused ?? other?.paused ?? null,
  current: row.current || other?.current === true,
})

/** The connector after a change of its gate. */
export const changedGate = (
  row: Connector,
  { throttledUntil = row.throttledUntil, ...gate }: Omit<GateChange, 'connector'>,
): Connector => ({
  ...row,
  ...gate,
  throttledUntil: throttledUntil && Math.max(throttledUntil, row.throttledUntil ?? 0),
})

const NO_COUNTS: Counts = { tries: 0, unknowns: 0, strikes: 0, failingSince: null }

export const bornDelivery = (
  id: number,
  event: RegistrationEvent,
  { connector, skipped, hold = false }: Birth,
): Delivery => ({
  id,
  event,
  connector,
  state: skipped === null ? 'open' : 'skipped',
  due: Date.parse(event.receivedAt),
  held: hold,
  run: hold ? 1 : 0,
  begun: 0,
  mark: null,
  suspect: false,
  alone: false,
  lost: 0,
  generation: 0,
  reason: skipped,
  attempts: [],
  ...NO_COUNTS,
})

/** A delivery of an event that its connector was never given. */
export const backfilledDelivery = (id: number, event: RegistrationEvent, connector: number): Delivery => ({
  ...bornDelivery(id, event, { connector, skipped: null }),
  due: WHEN_IDLE,
})

/** Whether the user registered in that period. */
export const isWithin = ({ occurredAt }: RegistrationEvent, { since, until }: Period): boolean => {
  const at = Date.parse(occurredAt)
  return (since === null || at >= since) && (until === null || at < until)
}

/** The delivery as a retry by hand leaves it. */
export const putBack = (delivery: Delivery, now: number): Delivery => {
  const { state, run, generation, suspect, unknowns } = delivery
  return {
    ...delivery,
    ...NO_COUNTS,
    state: 'open',
    due: now,
    lost: 0,
    run: run + 1,
    reason: null,
    // The counts forget that an answer was lost, and a repeat under the same key must still know it.
    suspect: state !== 'delivered' && (suspect || state === 'unknown' || unknowns > 0),
    generation: state === 'delivered' ? generation + 1 : generation,
  }
}

export const toClaim = (delivery: Delivery): Claim => {
  const { id, run, event, generation, suspect, alone, tries, unknowns, strikes, failingSince } = delivery
  const counts = { tries, unknowns, strikes, failingSince }
  return { delivery: id, run, event: structuredClone(event), generation, suspect, alone, ...counts }
}

const withoutOutput = ({ output: _output, ...attempt }: AttemptRecord): AttemptRecord => attempt

/** The attempt without what may be personal in it, of which the hash of a body is one: it proves a guess. */
const blanked = ({ run, at, ms, outcome, code }: AttemptRecord): AttemptRecord => ({
  run,
  at,
  ms,
  outcome,
  code,
  detail: null,
})

export const toView = (
  delivery: Delivery,
  connector: Connector,
  { now, outputs }: { readonly now: number; readonly outputs: boolean },
): DeliveryView => {
  const { id, event, state, due, reason, tries, attempts } = delivery
  const shown = shownState(delivery, connector, now)
  return {
    id,
    event: event.id,
    connector: connector.name,
    state: shown,
    user: { id: event.user.id, email: event.user.email },
    due: state === 'open' && due !== WHEN_IDLE ? due : null,
    reason: shownReason(shown, reason, connector),
    tries,
    attempts: outputs ? attempts : attempts.map(withoutOutput),
  }
}

/** Whether this is the user with that id or e-mail address. */
export const isOfUser = (
  { user }: { readonly user: { readonly id: string; readonly email: string | null } },
  sought: string,
): boolean => user.id === sought || user.email?.toLowerCase() === sought.toLowerCase()

/** The event without its user: what can still be told of it. */
const withoutUser = (event: RegistrationEvent): RegistrationEvent => ({
  ...event,
  user: { ...event.user, id: FORGOTTEN, email: null },
})

/** The delivery as forgetting its user leaves it. */
export const forgotten = (delivery: Delivery, now: number): Delivery => {
  const attempts = delivery.attempts.map(blanked)
  const event = withoutUser(delivery.event)
  const kept = { ...delivery, event, attempts, reason: delivery.state === 'delivered' ? null : FORGOTTEN }
  return delivery.state === 'open' || delivery.state === 'unknown' ? dropped(kept, now, FORGOTTEN) : kept
}

/** The delivery as one that is not to be sent any more. */
export const dropped = (delivery: Delivery, now: number, reason: string): Delivery => ({
  ...delivery,
  state: 'skipped',
  due: now,
  held: false,
  run: delivery.run + 1,
  reason,
})

export const matches = (view: DeliveryView, query: DeliveryQuery): boolean =>
  (query.state === undefined || view.state === query.state) &&
  (query.connector === undefined || view.connector === query.connector) &&
  (query.event === undefined || view.event === query.event) &&
  (query.delivery === undefined || view.id === query.delivery) &&
  (query.user === undefined || isOfUser(view, query.user)) &&
  (query.after === undefined || view.id < query.after)
