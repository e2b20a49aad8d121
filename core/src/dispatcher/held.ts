import type { Claim } from '../store/port.ts'

/** How many deliveries a lane holds in memory at most; more wait in the store. */
const ROOM = 1_000

/** Deliveries that this process holds and has not begun, in the order of their birth. */
export class Held {
  #claims: readonly Claim[] = []

  get size(): number {
    return this.#claims.length
  }

  get hasRoom(): boolean {
    return this.#claims.length < ROOM
  }

  /** When the first of them was due, in epoch milliseconds; null when there is none. */
  get oldestDue(): number | null {
    const [first] = this.#claims
    return first === undefined ? null : Date.parse(first.event.receivedAt)
  }

  add(claims: readonly Claim[]): void {
    this.#claims = [...this.#claims, ...claims]
  }

  take(count: number): readonly Claim[] {
    const taken = this.#claims.slice(0, count)
    this.#claims = this.#claims.slice(count)
    return taken
  }
}
