import type { Verdict } from './verdict.ts'

export interface KillOptions {
  readonly kills: number
  readonly seed: number
  readonly signal: 'SIGKILL' | 'SIGTERM'
  readonly callers: number
  /** Milliseconds that a caller waits between two registrations, in the mean. */
  readonly think: number
}

/** How long a start took to settle what was left to it. Milliseconds. */
export interface Settled {
  readonly open: number
  /** Those that ran one at a time, with nothing beside them. */
  readonly alone: number
  readonly took: number
  /** A second, and what the far sides themselves need for so many. */
  readonly allowed: number
}

export interface KillReport extends KillOptions, Verdict {
  readonly accepted: number
  readonly answers: Readonly<Record<string, number>>
  /** Requests that had arrived at the far side and whose answer the store did not know, over all kills. */
  readonly inFlight: number
  /** Rows that the killed processes held, begun or not. */
  readonly held: number
  /** Milliseconds from the start of the process until it listened. */
  readonly starts: readonly number[]
  readonly settled: readonly Settled[]
  readonly exitCodes: Readonly<Record<string, number>>
}
