import type { BucketLimit } from '../rate.ts'
import type { Buckets } from './buckets.ts'
import { NO_PLACES, takeTurn, type Places } from './turn.ts'

/** The places that a lane takes before it knows which delivery is next: those of limits that are the same for all. */
export class Pace {
  readonly #limits: readonly BucketLimit[]
  readonly #buckets: Buckets
  #kept: Places = NO_PLACES
  /** The turn of a place that was taken for later. */
  #next: number | null = null

  constructor(limits: readonly BucketLimit[], buckets: Buckets) {
    this.#limits = limits
    this.#buckets = buckets
  }

  /** Takes up to `most` places whose turn it is; none when the next turn is later. */
  take(most: number, now: number): number {
    if (this.#limits.length === 0) return most
    if (this.#next !== null && this.#next > now) return 0
    let places = 0
    while (places < most) {
      const { at, kept } = takeTurn(this.#buckets, this.#limits, this.#kept, now)
      this.#kept = kept
      this.#next = at > now ? at : null
      if (at > now) break
      places += 1
    }
    return places
  }

  /** Gives back places that nobody needed, and so the one for later too. */
  giveBack(places: number): void {
    for (const limit of this.#limits) {
      this.#buckets.giveBack(limit, places + (this.#kept.has(limit.bucket) ? 1 : 0))
    }
    this.#kept = NO_PLACES
    this.#next = null
  }

  /** When its next turn is; null when that is now, as far as it is known. */
  get next(): number | null {
    return this.#next
  }
}
