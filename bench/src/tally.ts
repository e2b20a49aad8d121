/** Counts up, and lets others wait for a number. */
export class Tally {
  #count = 0
  #goal = Number.POSITIVE_INFINITY
  #reached: () => void = () => {}

  add(): void {
    this.#count += 1
    if (this.#count >= this.#goal) this.#reached()
  }

  /** Resolves once this many were counted since the beginning. One waits at a time. */
  async reached(goal: number): Promise<void> {
    if (this.#count >= goal) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#goal = goal
    this.#reached = resolve
    await promise
    this.#goal = Number.POSITIVE_INFINITY
  }
}
