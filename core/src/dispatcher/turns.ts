import type { BucketLimit } from '../rate.ts'
import type { Claim } from '../store/port.ts'
import type { Buckets } from './buckets.ts'
import { LATEST, NO_PLACES, takeTurn, type Places } from './turn.ts'

export type LimitsOf = (claim: Claim) => readonly BucketLimit[]

/** The places of deliveries whose limits depend on the event: each waits for its turn in the store, as its due time. */
export class Turns {
  readonly #limitsOf: LimitsOf
  readonly #buckets: Buckets
  readonly #kept = new Map<number, Places>()

  constructor(limitsOf: LimitsOf, buckets: Buckets) {
    this.#limitsOf = limitsOf
    this.#buckets = buckets
  }

  /** When these may go together: now, or the time until which they are to wait in the store. */
  turnOf(claims: readonly Claim[], now: number): number {
    const had = this.#placesOf(claims)
    const limits = new Map(claims.flatMap(this.#limitsOf).map((limit) => [limit.bucket, limit]))
    const { at, kept } = takeTurn(this.#buckets, [...limits.values()], had, now)
    const [first] = claims
    if (first !== undefined && kept.size > 0) this.#keep(first.delivery, kept, now)
    return at
  }

  /** The places that one of them keeps, which it keeps no more. */
  #placesOf(claims: readonly Claim[]): Places {
    const keeper = claims.find(({ delivery }) => this.#kept.has(delivery))
    if (keeper === undefined) return NO_PLACES
    const places = this.#kept.get(keeper.delivery) ?? NO_PLACES
    this.#kept.delete(keeper.delivery)
    return places
  }

  #keep(delivery: number, places: Places, now: number): void {
    this.#kept.set(delivery, places)
    // Nobody asked again for those whose time is over, as of forgotten deliveries. The oldest are first.
    for (const [other, kept] of this.#kept) {
      if ([...kept.values()].some((turn) => turn >= now - LATEST)) break
      this.#kept.delete(other)
    }
  }
}
