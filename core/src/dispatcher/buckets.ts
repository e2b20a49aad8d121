import type { BucketLimit } from '../rate.ts'

/** Buckets that are full again are forgotten when there are this many more than at the last look. */
const SWEEP = 10_000

/**
 * How many may go and when, by name: each place is given out once, in the order in which it was asked for (GCRA, the
 * generic cell rate algorithm). Nothing may go at once when it begins: before a restart somebody may just have gone.
 * Times in epoch milliseconds.
 */
export class Buckets {
  readonly #began: number
  /** When a bucket will be full again. */
  readonly #full = new Map<string, number>()
  /** Until when a far side wants nothing. */
  readonly #held = new Map<string, number>()
  #sweepAt = SWEEP

  constructor(now: number) {
    this.#began = now
  }

  /** When it is the turn of the next. */
  soonest(limit: BucketLimit, now: number): number {
    return Math.max(now, this.heldUntil(limit.bucket), this.#fullAt(limit) - room(limit))
  }

  /** Lets nothing through until then; one that is to end earlier changes nothing. */
  hold(bucket: string, until: number): void {
    this.#held.set(bucket, Math.max(until, this.heldUntil(bucket)))
  }

  heldUntil(bucket: string): number {
    return this.#held.get(bucket) ?? 0
  }

  /** Takes a place; the result is when it is its turn. */
  take(limit: BucketLimit, now: number): number {
    const turn = this.soonest(limit, now)
    this.#full.set(limit.bucket, Math.max(turn, this.#fullAt(limit)) + limit.interval)
    if (this.#full.size > this.#sweepAt) this.#sweep(now)
    return turn
  }

  /** Gives back places that were taken and are not used. */
  giveBack({ bucket, interval }: BucketLimit, places: number): void {
    const full = this.#full.get(bucket)
    if (full !== undefined) this.#full.set(bucket, full - places * interval)
  }

  #fullAt(limit: BucketLimit): number {
    return this.#full.get(limit.bucket) ?? this.#began + limit.interval + room(limit)
  }

  #sweep(now: number): void {
    for (const [bucket, full] of this.#full) if (full <= now) this.#full.delete(bucket)
    for (const [bucket, until] of this.#held) if (until <= now) this.#held.delete(bucket)
    this.#sweepAt = this.#full.size + SWEEP
  }
}

/** How long before it is full a bucket lets one through. */
const room = ({ burst, interval }: BucketLimit): number => (burst - 1) * interval
