import type { BucketLimit } from '../rate.ts'
import type { Claim } from '../store/port.ts'
import type { Buckets } from './buckets.ts'
import { LATEST } from './pace.ts'

/** Further ahead no places are kept; who waits longer asks again then. */
const HORIZON = 600_000

export type LimitsOf = (claim: Claim) => readonly BucketLimit[]

/** Turns by bucket. */
type Places = ReadonlyMap<string, number>

const NO_PLACES: Places = new Map()

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
    const missing = [...limits.values()].filter(({ bucket }) => !isValid(had.get(bucket), now))
    const turns = missing.map((limit) => ({ limit, turn: this.#buckets.soonest(limit, now) }))
    const last = turns.reduce<(typeof turns)[number] | undefined>(
      (latest, each) => (latest !== undefined && latest.turn >= each.turn ? latest : each),
      undefined,
    )
    if (last === undefined) return now
    if (last.turn <= now) {
      for (const limit of missing) this.#buckets.take(limit, now)
      return now
    }
    if (last.turn > now + HORIZON) return now + HORIZON
    // In the slowest alone: a place in the others would stand empty until then.
    const turn = this.#buckets.take(last.limit, now)
    const [first] = claims
    if (first !== undefined) this.#keep(first.delivery, new Map([...had, [last.limit.bucket, turn]]), now)
    return turn
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

const isValid = (turn: number | undefined, now: number): boolean =>
  turn !== undefined && turn <= now && turn >= now - LATEST
