import type { BucketLimit } from '../rate.ts'
import type { Buckets } from './buckets.ts'

/** A place that was not used so long after its turn is lost, since others may have gone at the same time. */
export const LATEST = 1_000

/** Further ahead no places are kept; who waits longer asks again then. */
const HORIZON = 600_000

/** Places that were taken for later: when the turn of each is, by bucket. */
export type Places = ReadonlyMap<string, number>

export const NO_PLACES: Places = new Map()

/** When all of the limits let one through: now, or later; then `kept` is what was taken for that. */
export interface Turn {
  readonly at: number
  readonly kept: Places
}

/** Takes a place in every bucket if that is now. `had`: what was kept when this was asked before. */
export const takeTurn = (
  buckets: Buckets,
  limits: readonly BucketLimit[],
  had: Places,
  now: number,
): Turn => {
  const isValid = ({ bucket }: BucketLimit): boolean => {
    const turn = had.get(bucket)
    return turn !== undefined && turn <= now && turn >= now - LATEST && buckets.heldUntil(bucket) <= now
  }
  const missing = limits.filter((limit) => !isValid(limit))
  let slowest: BucketLimit | undefined
  let last = now
  for (const limit of missing) {
    const turn = buckets.soonest(limit, now)
    if (turn <= last) continue
    slowest = limit
    last = turn
  }
  if (slowest === undefined) {
    for (const limit of missing) buckets.take(limit, now)
    return { at: now, kept: NO_PLACES }
  }
  if (last > now + HORIZON) return { at: now + HORIZON, kept: had }
  // In the slowest alone: a place in the others would stand empty until then.
  const at = buckets.take(slowest, now)
  return { at, kept: new Map([...had, [slowest.bucket, at]]) }
}
