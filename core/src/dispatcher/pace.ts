import type { BucketLimit } from '../rate.ts'
import type { Buckets } from './buckets.ts'

/** A place that was not used so long after its turn is lost, since others may have gone at the same time. */
export const LATEST = 1_000

/** The places that a lane takes before it knows which delivery is next: those of its `rate` without a key. */
export class Pace {
  readonly #limit: BucketLimit | null
  readonly #buckets: Buckets
  /** The turn of a place that was taken for later. */
  #next: number | null = null

  constructor(limit: BucketLimit | null, buckets: Buckets) {
    this.#limit = limit
    this.#buckets = buckets
  }

  /** Takes up to `most` places whose turn it is; none when the next turn is later. */
  take(most: number, now: number): number {
    if (this.#limit === null) return most
    if (this.#next !== null && this.#next < now - LATEST) this.#next = null
    let places = 0
    while (places < most) {
      const turn = this.#next ?? this.#buckets.take(this.#limit, now)
      this.#next = turn
      if (turn > now) break
      this.#next = null
      places += 1
    }
    return places
  }

  /** Gives back places that nobody needed, and so the one for later too. */
  giveBack(places: number): void {
    if (this.#limit === null) return
    this.#buckets.giveBack(this.#limit, places + (this.#next === null ? 0 : 1))
    this.#next = null
  }

  /** When its next turn is; null when that is now, as far as it is known. */
  get next(): number | null {
    return this.#next
  }
}
