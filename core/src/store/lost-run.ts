import type { AttemptRecord, BeginMark, DeliveryState } from './port.ts'

/** So many runs that ended with their process, while nothing else ran, leave no doubt of what ends it. */
const MOST_LOSSES_ALONE = 5

/** A delivery whose holder is gone. */
export interface Held {
  readonly run: number
  /** The run that was last marked as begun. */
  readonly begun: number
  readonly mark: BeginMark | null
  readonly alone: boolean
  /** How often it was lost while it ran alone. */
  readonly lost: number
}

/** What becomes of a delivery whose holder is gone, and the history row that says so. */
export interface LostRun {
  readonly state: DeliveryState
  readonly due: number
  readonly reason: string | null
  readonly alone: boolean
  readonly lost: number
  readonly attempt: AttemptRecord
}

const UNKNOWN = 'the process ended while this was being sent: it may have been delivered'
const AGAIN = 'the process ended while this was in flight: it may have been delivered, and is tried again'
const ALONE = 'the process ended while this ran with nothing else beside it'
const POISON = `killed the process: ${MOST_LOSSES_ALONE} times it ended while this ran with nothing else beside it`

/** Told of a delivery that was held when its process ended, at `now`. */
export const lostRun = ({ run, begun, mark, alone, lost }: Held, now: number): LostRun => {
  const marked = begun === run ? mark : null
  const losses = marked === 'alone' ? lost + 1 : lost
  const of = (state: DeliveryState, reason: string | null, detail: string): LostRun => ({
    state,
    due: now,
    reason,
    alone: alone || marked !== null,
    lost: losses,
    attempt: { run, at: now, ms: 0, outcome: 'lost', code: null, detail },
  })
  if (marked === 'hold') return of('unknown', UNKNOWN, UNKNOWN)
  if (losses >= MOST_LOSSES_ALONE) return of('dead', POISON, ALONE)
  return of('open', null, marked === 'alone' ? ALONE : AGAIN)
}
