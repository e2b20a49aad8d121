import type { AttemptRecord, DeliveryState } from './port.ts'

/** What becomes of a delivery whose holder is gone, and the history row that says so. */
export const lostRun = (
  { run, begun }: { readonly run: number; readonly begun: number },
  now: number,
): {
  readonly state: DeliveryState
  readonly due: number
  readonly reason: string | null
  readonly attempt: AttemptRecord
} => {
  const marked = begun === run
  const detail = marked
    ? 'the process ended while this was being sent: it may have been delivered'
    : 'the process ended while this was in flight: it may have been delivered, and is tried again'
  return {
    state: marked ? 'unknown' : 'open',
    due: now,
    reason: marked ? detail : null,
    attempt: { run, at: now, ms: 0, outcome: 'lost', code: null, detail },
  }
}
