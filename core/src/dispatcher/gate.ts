import type { EventHub } from '../events.ts'
import type { Outcome } from '../outcome.ts'
import type { ConnectorRow, GateChange, Parked, RunRef } from '../store/port.ts'
import { isNoAnswer } from './no-answer.ts'

/** A fault that comes back before a success, or sooner than this, belongs to the same episode. */
const EPISODE_ENDS_AFTER = 600_000

/** A lane's view of its connector's gate, kept in step with the row; tells of its closing and opening. */
export class Gate {
  readonly #connector: string
  readonly #events: EventHub
  #parked: Parked | null
  #paused: boolean
  #throttledUntil: number
  #canary: RunRef | null = null
  #succeeded = false
  #openedHere = false
  #released: number | null
  #silences = 0

  constructor(connector: string, row: ConnectorRow, events: EventHub) {
    this.#connector = connector
    this.#events = events
    // A start may follow a mend, so that the first canary need not wait.
    this.#parked = row.parked === null ? null : { ...row.parked, probeAt: 0 }
    this.#paused = row.paused !== null
    this.#throttledUntil = row.throttledUntil ?? 0
    this.#released = row.released
  }

  get parked(): Parked | null {
    return this.#parked
  }

  /** Whether an operator keeps it closed, to canaries too. */
  get paused(): boolean {
    return this.#paused
  }

  /** Epoch milliseconds before which nothing may start, not even a canary. */
  get closedUntil(): number {
    return Math.max(this.#throttledUntil, this.#parked?.probeAt ?? 0)
  }

  /** When it last opened, in epoch milliseconds. */
  get released(): number | null {
    return this.#released
  }

  /** Whether any delivery succeeded since the gate last closed. */
  get succeeded(): boolean {
    return this.#succeeded
  }

  /** Whether this run may start now: any while it is open, its canary alone while it is parked. */
  admits(run: RunRef, now: number): boolean {
    return (this.#parked === null || this.isCanary(run)) && !this.#isShut(now)
  }

  /** Whether any may start now. */
  isOpen(now: number): boolean {
    return this.#parked === null && !this.#isShut(now)
  }

  /** Closed to canaries too. */
  #isShut(now: number): boolean {
    return this.#paused || this.#throttledUntil > now
  }

  /** Whether a canary's result is not stored yet: until then there is no other. */
  get isTested(): boolean {
    return this.#canary !== null
  }

  sendCanary(run: RunRef): void {
    this.#canary = run
  }

  isCanary({ delivery, run }: RunRef): boolean {
    return this.#canary?.delivery === delivery && this.#canary.run === run
  }

  /** What came of the run is stored, or it was given back. */
  noteEnd(run: RunRef): void {
    if (this.isCanary(run)) this.#canary = null
  }

  noteSuccess(): void {
    this.#succeeded = true
  }

  /** Counts an attempt that came to these outcomes; tells how many in a row now got no answer. */
  noteAnswers(outcomes: readonly Outcome[]): number {
    const told = outcomes.filter(({ kind }) => kind !== 'skipped')
    if (told.length > 0) this.#silences = told.every(isNoAnswer) ? this.#silences + 1 : 0
    return this.#silences
  }

  follow({ parked, paused, released, throttledUntil }: Omit<GateChange, 'connector'>, now: number): void {
    if (paused !== undefined && this.#paused !== (paused !== null)) {
      this.#paused = paused !== null
      this.#events.emit(this.#paused ? 'paused' : 'resumed', { connector: this.#connector })
    }
    if (throttledUntil) this.#throttledUntil = Math.max(this.#throttledUntil, throttledUntil)
    if (released !== undefined) this.#released = released
    if (parked === undefined) return
    const before = this.#parked
    this.#parked = parked
    if (parked === null && before !== null) {
      this.#silences = 0
      this.#canary = null
      this.#openedHere = true
      this.#events.emit('released', { connector: this.#connector })
    } else if (parked !== null && before === null) {
      const again =
        (this.#openedHere && !this.#succeeded) ||
        (this.#released !== null && now - this.#released < EPISODE_ENDS_AFTER)
      this.#succeeded = false
      this.#events.emit('parked', { connector: this.#connector, parked, again })
    }
  }
}
