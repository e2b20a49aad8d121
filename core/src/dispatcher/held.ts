import type { Claim } from '../store/port.ts'

/** How many deliveries a lane holds in memory at most; more wait in the store. */
const ROOM = 1_000

/** Deliveries that this process holds and has not begun, in the order of their birth. */
export class Held {
  readonly #claims: Claim[] = []
  /** How many of the claims were taken: moving all others for each that is taken would cost more than its attempt. */
  #taken = 0

  get size(): number {
    return this.#claims.length - this.#taken
  }

  get hasRoom(): boolean {
    return this.size < ROOM
  }

  /** When the first of them was due, in epoch milliseconds; null when there is none. */
  get oldestDue(): number | null {
    const first = this.#claims[this.#taken]
    return first === undefined ? null : Date.parse(first.event.receivedAt)
  }

  /** All of them, none taken. */
  all(): readonly Claim[] {
    return this.#claims.slice(this.#taken)
  }

  add(claims: readonly Claim[]): void {
    this.#claims.push(...claims)
  }

  take(count: number): readonly Claim[] {
    const claims = this.#claims.slice(this.#taken, this.#taken + count)
    this.#taken += claims.length
    if (this.#taken > ROOM || this.size === 0) {
      this.#claims.splice(0, this.#taken)
      this.#taken = 0
    }
    return claims
  }
}
