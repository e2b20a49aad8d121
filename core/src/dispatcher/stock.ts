import type { Clock } from '../ports.ts'
import type { Claim, Store } from '../store/port.ts'
import { Held } from './held.ts'

export interface StockPorts {
  readonly store: Pick<Store, 'claim' | 'claimIdle' | 'countDue' | 'nextDue' | 'release'>
  readonly clock: Clock
  /** The connector's row. */
  readonly row: number
  /** Whether nothing starts any more. */
  readonly isStopped: () => boolean
  readonly isForgotten: (claim: Claim) => boolean
  /** Told when the next one in the store is due. */
  readonly onDue: (at: number) => void
}

/** The deliveries of one connector that wait: those in memory, and what is known of those in the store. */
export class Stock {
  readonly #ports: StockPorts
  readonly #held = new Held()
  /** What was backfilled, for slots that nothing else needs. */
  readonly #spare = new Held()
  /** Nothing that is due at a time waits in the store: all of it is in memory. */
  #caughtUp = false
  /** Something that was backfilled may wait in the store. */
  #mayHaveSpare = true
  /** Until then, what was backfilled waits for the turns of what was put aside. */
  #spareFrom = 0

  constructor(ports: StockPorts) {
    this.#ports = ports
  }

  /** How many are in memory, but for what was backfilled. */
  get size(): number {
    return this.#held.size
  }

  get spareSize(): number {
    return this.#spare.size
  }

  /** Whether what is born now may be born into memory. While something due waits in the store, that has its turn first. */
  get takesNewborn(): boolean {
    return this.#caughtUp && this.#held.hasRoom
  }

  /** When the first in memory was due, in epoch milliseconds; null when there is none. */
  get oldestDue(): number | null {
    return this.#held.oldestDue
  }

  /** Those in memory, none taken. */
  all(): readonly Claim[] {
    return [...this.#held.all(), ...this.#spare.all()]
  }

  add(claims: readonly Claim[]): void {
    this.#held.add(claims)
  }

  take(count: number): readonly Claim[] {
    return this.#held.take(count)
  }

  takeSpare(count: number): readonly Claim[] {
    return this.#spare.take(Math.max(0, count))
  }

  /** All of them, which go back to the store. */
  takeAll(): readonly Claim[] {
    const claims = [...this.#held.take(this.#held.size), ...this.#spare.take(this.#spare.size)]
    if (claims.length > 0) this.lookAgain()
    return claims
  }

  /** What waits in the store is not known any more. */
  lookAgain(): void {
    this.#caughtUp = false
    this.#mayHaveSpare = true
  }

  /** Some were put aside until their turn, which what was backfilled is not to push back. */
  putAside(until: number): void {
    this.#spareFrom = Math.max(this.#spareFrom, until)
  }

  /**
   * Claims what is due until so many are in memory, where what came first goes first. While something waits in the store,
   * nothing is born into memory, so that the store has its turn too.
   */
  async claimInto(size: number): Promise<void> {
    const wanted = size - this.#held.size
    if (wanted <= 0) return
    const claim = async (): Promise<number> => {
      const claims = await this.#claim('claim', wanted)
      this.#held.add(claims)
      return claims.length
    }
    await this.#unlessCaughtUp(claim, (claimed) => claimed < wanted)
  }

  /** Claims what was backfilled until so much of it is in memory. Whatever else waits, or is born meanwhile, goes first. */
  async claimSpare(size: number): Promise<void> {
    const wanted = size - this.#spare.size
    if (!this.#mayHaveSpare || wanted <= 0 || this.#spareFrom > this.#ports.clock.now()) return
    // Set before the store is asked: what is told of meanwhile sets it back.
    this.#mayHaveSpare = false
    const claims = await this.#claim('claimIdle', wanted)
    this.#spare.add(claims)
    this.#mayHaveSpare ||= claims.length > 0
  }

  /** Claims one that is due. */
  async claimOne(): Promise<Claim | undefined> {
    const [claim] = await this.#claim('claim', 1)
    return claim
  }

  /** How many wait in the store and are due, counted up to `limit`. */
  async countDue(now: number, limit: number): Promise<number> {
    const { store, row } = this.#ports
    const count = () => store.countDue(row, now, limit)
    return (await this.#unlessCaughtUp(count, (due) => due === 0)) ?? 0
  }

  /** Claims unless the engine stopped meanwhile: what has not begun is handed back. */
  async #claim(how: 'claim' | 'claimIdle', limit: number): Promise<readonly Claim[]> {
    const { store, clock, row, isStopped, isForgotten } = this.#ports
    const claims = await store[how](row, clock.now(), limit)
    if (!isStopped()) return claims.filter((claim) => !isForgotten(claim))
    await store.release(claims)
    return []
  }

  /** Asks the store, unless all that is due is in memory; `isAll`: whether its answer leaves nothing there. */
  async #unlessCaughtUp<T>(ask: () => Promise<T>, isAll: (answer: T) => boolean): Promise<T | undefined> {
    if (this.#caughtUp) return undefined
    // Set before the store is asked: what is told of meanwhile sets it back.
    this.#caughtUp = true
    try {
      const answer = await ask()
      const due = isAll(answer) ? await this.#ports.store.nextDue(this.#ports.row) : null
      if (due !== null) this.#ports.onDue(due)
      this.#caughtUp &&= isAll(answer)
      return answer
    } catch (error) {
      this.#caughtUp = false
      throw error
    }
  }
}
