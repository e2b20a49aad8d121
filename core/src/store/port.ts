import type { RegistrationEvent } from '../event/schema.ts'
import type { EventKeys } from '../event/keys.ts'

/** What is stored of a delivery's progress; what people see is `ShownState`. */
export type DeliveryState = 'open' | 'delivered' | 'skipped' | 'unknown' | 'dead'

/** What people see: `open` told apart by its time, its holder and its connector's gate. */
export const SHOWN_STATES = [
  'pending',
  'waiting',
  'running',
  'paused',
  'parked',
  'orphaned',
  'delivered',
  'skipped',
  'unknown',
  'dead',
] as const

export type ShownState = (typeof SHOWN_STATES)[number]

/** One hand-out of a delivery. `run` rises at every hand-out, retry and forget, and never resets. */
export interface RunRef {
  readonly delivery: number
  readonly run: number
}

/** A run that a process holds. */
export interface HeldRun extends RunRef {
  /** The connector's row. */
  readonly connector: number
}

/** Why a connector's gate is closed; its deliveries wait without burning attempts. */
export interface Parked {
  readonly since: number
  readonly code: string
  readonly reason: string
  readonly mend: string | null
  /** When the next canary may try. */
  readonly probeAt: number
}

/** A connector's row. Gates are columns of it, never of a delivery: parking a million rows would stop the writer. */
export interface ConnectorRow {
  readonly id: number
  readonly name: string
  readonly uses: string
  /** The name that idempotency keys are made of, which a rename leaves as it is; no other row of the same `uses` has it. */
  readonly keyName: string
  readonly parked: Parked | null
  /** Since when an operator keeps the gate closed. */
  readonly paused: number | null
  /** When the gate last opened after it was parked. */
  readonly released: number | null
  /** Epoch milliseconds; the far side limits the rate until then. */
  readonly throttledUntil: number | null
}

/** A delivery to be born with its event. */
export interface Birth {
  /** The connector's row. */
  readonly connector: number
  /** Why it is skipped at once, as those of test events are. */
  readonly skipped: string | null
  /** Born held by this process with run 1, so that it is dispatched from memory: no claim is written. Default: free. */
  readonly hold?: boolean
}

/** An event to store, with a delivery for each connector. */
export interface Accept {
  readonly event: RegistrationEvent
  /** The event as JSON, which is what is kept. */
  readonly body: string
  readonly keys: EventKeys
  readonly deliveries: readonly Birth[]
}

/** A delivery that was born held. */
export interface Newborn extends Claim {
  readonly connector: number
}

/** `conflict`: the provider's event id is known, of another user. */
export type Accepted =
  | { readonly kind: 'accepted'; readonly id: string; readonly held: readonly Newborn[] }
  | { readonly kind: 'duplicate'; readonly id: string }
  | { readonly kind: 'conflict'; readonly id: string }

/** What decides whether a failed delivery is tried again. Epoch milliseconds. */
export interface Counts {
  /** Counted failures since it was last released by hand. */
  readonly tries: number
  readonly unknowns: number
  /** Episodes of its connector's gate that it opened. */
  readonly strikes: number
  readonly failingSince: number | null
}

/**
 * What a begin mark says of its run: `hold`, that it must not be repeated by itself; `suspect`, that an earlier run of
 * the delivery ended with its process; `alone`, that nothing else ran beside it.
 */
export type BeginMark = 'hold' | 'suspect' | 'alone'

/** A delivery handed out to run. */
export interface Claim extends RunRef, Counts {
  readonly event: RegistrationEvent
  readonly generation: number
  /** An earlier run was lost without an outcome, so that it may have been sent. */
  readonly suspect: boolean
  /** A run of it, marked as suspect, ended with its process: nothing else may run beside it. */
  readonly alone: boolean
}

/** One row of a delivery's history. Epoch milliseconds. */
export interface AttemptRecord {
  readonly run: number
  readonly at: number
  readonly ms: number
  readonly outcome:
    | 'delivered'
    | 'skipped'
    | 'retry'
    | 'throttled'
    | 'misconfigured'
    | 'rejected'
    | 'unknown'
    | 'lost'
  readonly code: string | null
  readonly detail: string | null
  /** A hash of what it sent, or was about to send; left out when the plugin did not tell. */
  readonly sent?: string
  /** What the attempt printed; only in what is written, and in the answer to a query for one delivery. */
  readonly output?: string
}

/** What became of a run. Fenced: a settlement whose run is not the delivery's current one changes nothing. */
export interface Settlement extends RunRef {
  readonly state: DeliveryState
  /** When an open one is due again; of a final one, when it ended. */
  readonly due: number
  readonly counts: Counts
  readonly reason: string | null
  /** A run of it may have been sent without being counted as unknown. */
  readonly suspect: boolean
  readonly attempt: AttemptRecord
  /** Changes its connector's row in the same transaction. */
  readonly gate: GateChange | null
}

/** Members left out stay as they are; a time for `throttledUntil` never makes it earlier. */
export interface GateChange {
  readonly connector: number
  readonly parked?: Parked | null
  readonly paused?: number | null
  readonly released?: number
  readonly throttledUntil?: number | null
}

/** What is shown in place of a user's id after that user was forgotten, and why what had not ended was skipped. */
export const FORGOTTEN = 'forgotten'

/** Why a delivery was skipped of a connector that is configured no more, by command. */
export const DROPPED = 'dropped: its connector is configured no more'

/** Why a live registration is skipped for a connector that a backfill gave its historical one. */
export const GIVEN_BEFORE = 'given to it before, by a backfill of its historical registration'

/**
 * When what was backfilled is due, as long as it was not tried: it is handed out apart from what has a time, so that a
 * million of them hold no registration back that comes meanwhile.
 */
export const WHEN_IDLE = -1

/** When users registered, by `occurredAt`: at or after `since` and before `until`. Epoch milliseconds; null: no limit. */
export interface Period {
  readonly since: number | null
  readonly until: number | null
}

export interface DeliveryQuery {
  readonly state?: ShownState
  /** A connector's name. */
  readonly connector?: string
  /** A user's id or e-mail address. */
  readonly user?: string
  readonly event?: string
  /** This one alone, with what its attempts printed. */
  readonly delivery?: number
  /** At most this many, newest first. */
  readonly limit: number
  /** Only those older than this delivery. */
  readonly after?: number
}

export interface DeliveryView {
  readonly id: number
  readonly event: string
  readonly connector: string
  readonly state: ShownState
  /** The id of one who was forgotten is FORGOTTEN. */
  readonly user: { readonly id: string; readonly email: string | null }
  /** Of an open one: when it is due; null when that is WHEN_IDLE. */
  readonly due: number | null
  readonly reason: string | null
  readonly tries: number
  readonly attempts: readonly AttemptRecord[]
}

/** Which deliveries to put back: one by its id, or all of a final state. */
export type RetrySelection =
  | { readonly delivery: number; readonly again: boolean }
  | { readonly state: 'dead' | 'unknown' | 'skipped'; readonly connector: string | null }

/**
 * `running`: it is held; `delivered`: it needs `again`; `forgotten`: its user was, so that nothing is left to send;
 * `missing`: there is none of that id.
 */
export type Retried =
  | {
      readonly kind: 'retried'
      readonly deliveries: readonly number[]
      readonly connectors: readonly number[]
    }
  | { readonly kind: 'running' | 'delivered' | 'open' | 'forgotten' | 'missing' }

/** `taken`: another row of the same `uses` has the name, and this many deliveries, of which some have not ended. */
export type Renamed =
  | { readonly kind: 'renamed' }
  | { readonly kind: 'taken'; readonly deliveries: number; readonly open: number }

/** Whose state it is: a connector's name with what it is a use of, as its row has them. */
export interface StateOwner {
  readonly name: string
  readonly uses: string
}

/** What a known sender sent and no registration came of. */
export interface Refused {
  /** The address that it came to. */
  readonly path: string
  /** When. Epoch milliseconds. */
  readonly at: number
  /** The provider's own id of it. */
  readonly eventId: string | null
  readonly why: string
  /** What was sent, as JSON. */
  readonly payload: string
}

export interface KeptRefused extends Refused {
  readonly id: number
}

/** What a user who is forgotten leaves. */
export interface Forgotten {
  /** How many events were of that user. */
  readonly events: number
  /** Those of their deliveries that had not ended. */
  readonly deliveries: readonly number[]
}

/**
 * The durable home of events, deliveries and attempts. Every method that writes resolves when what it wrote
 * survives the loss of power, and rejects with `store_unavailable` when it cannot write; then nothing of the call
 * was written. Times are epoch milliseconds, handed in.
 */
export interface Store {
  /**
   * Migrates, locks, takes a new epoch, and frees what the predecessor held, each with a history row `lost`. A run
   * marked `hold` ends as `unknown`. Every other may have run, becomes suspect and is due at once; one that was marked
   * is to run alone, and the fifth that was lost while alone is dead. Throws `store_locked`, `store_newer`.
   */
  open(now: number): Promise<void>
  /** Makes these the current connectors, in order; deliveries of others wait as orphaned. */
  register(
    connectors: readonly { readonly name: string; readonly uses: string }[],
  ): Promise<readonly ConnectorRow[]>
  /**
   * A live registration that is known as historical alone takes that one's place: it is accepted, and skipped for the
   * connectors that a backfill gave the other. What is historical has no deliveries.
   */
  append(accepts: readonly Accept[]): Promise<readonly Accepted[]>
  /** Hands out due deliveries of one connector, oldest due first, and none that are due WHEN_IDLE. */
  claim(connector: number, now: number, limit: number): Promise<readonly Claim[]>
  /** Hands out those of one connector that are due WHEN_IDLE, in the order of their events. */
  claimIdle(connector: number, now: number, limit: number): Promise<readonly Claim[]>
  /** When the connector's next free delivery is due; null when none waits, but for those that are due WHEN_IDLE. */
  nextDue(connector: number): Promise<number | null>
  /** How many free deliveries of the connector are due at a time, counted up to `limit`. */
  countDue(connector: number, now: number, limit: number): Promise<number>
  /** What this process holds: all that it was handed out, or that was born held, and neither settled nor released. */
  held(): Promise<readonly HeldRun[]>
  /** Marks runs as begun, before their first byte, so that a crash tells them from those that were not. */
  begin(runs: readonly RunRef[], mark: BeginMark): Promise<void>
  /** Tells for each whether its run was still the current one. */
  settle(settlements: readonly Settlement[]): Promise<readonly boolean[]>
  /** Gives back runs that have not begun: free, uncounted, due as before, or at `due`. */
  release(runs: readonly RunRef[], due?: number): Promise<void>
  /** Adds history of a run that is over, as a result that came after the deadline. */
  note(delivery: number, attempt: AttemptRecord): Promise<void>
  changeGate(change: GateChange): Promise<void>
  /** All connectors that ever were, by name; `current`: configured now. */
  connectors(): Promise<readonly (ConnectorRow & { readonly current: boolean })[]>
  /**
   * Gives a connector's row another name, while no engine runs: deliveries, gates, keys and state follow. A row
   * that has the name and the same `uses` already, and no delivery, gives way: what it was, current or paused, and the
   * state that it kept under the same keys, goes over.
   */
  rename(connector: number, name: string): Promise<Renamed>
  /** Many are put back some at a time, so that others can write between. */
  retry(selection: RetrySelection, now: number): Promise<Retried>
  /**
   * How many stored events this connector was never given: those without a delivery for it, but test events, those of
   * users who were forgotten, and historical ones in whose place a live one came. Counted some at a time.
   */
  countMissing(connector: number, period: Period): Promise<number>
  /** Adds a delivery that is due WHEN_IDLE for each of them, some at a time; tells how many. */
  backfill(connector: number, period: Period): Promise<number>
  /** Ends as skipped what waits or is unknown of a connector that is configured no more; tells how many. */
  drop(connector: string, now: number): Promise<number>
  /**
   * Takes out everything personal of the user with this id or e-mail address: names, bodies, details of histories,
   * hashes of what was sent and what attempts printed, and whatever was refused and has the id or the address in it.
   * What had not ended is skipped, and a late settlement or note changes nothing. The ledger's hashes stay.
   */
  forget(user: string, now: number): Promise<Forgotten>
  /** Resolves when no byte of what was forgotten is left in any file of the store. */
  purge(): Promise<void>
  /**
   * Deletes events received and ended before this time, some at a time, until `stop` aborts; the ledger stays. Tells
   * how many.
   */
  erase(before: number, stop?: AbortSignal): Promise<number>

  /** What a connector keeps under a key: JSON. Null when there is nothing. */
  recall(owner: StateOwner, key: string): Promise<string | null>
  /** Keeps it in place of what was there; null: nothing. */
  keep(owner: StateOwner, key: string, value: string | null): Promise<void>

  keepRefused(refused: readonly Refused[]): Promise<void>
  /** The newest first; `after`: only those older than this one, `id`: this one alone. */
  listRefused(query: {
    readonly limit: number
    readonly after?: number
    readonly id?: number
  }): Promise<readonly KeptRefused[]>
  /** One that was taken after all, or all that came before a time. Tells how many there were. */
  dropRefused(which: { readonly id: number } | { readonly before: number }): Promise<number>

  event(id: string): Promise<RegistrationEvent | null>
  /** With `attempts` filled, each oldest first. */
  deliveries(query: DeliveryQuery, now: number): Promise<readonly DeliveryView[]>
  /** Rejects with `store_unavailable` unless a write would succeed. */
  probe(): Promise<void>
  close(): Promise<void>
}
