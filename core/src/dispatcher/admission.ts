/**
 * So many results may wait for their commit at once: a crash repeats what they were of. More would make no commit
 * cheaper, fewer would make a commit for each slot where the hooks are faster than the disk.
 */
export const MOST_UNSETTLED = 256

/** Decides for the whole process whether another attempt may start. */
export class Admission {
  readonly #onOpen: () => void
  readonly #soloists: PromiseWithResolvers<void>[] = []
  #running = 0
  #refused = 0
  #unsettled = 0
  #solo = false
  #closed = false

  /** `onOpen` is called when attempts may start again. */
  constructor(onOpen: () => void) {
    this.#onOpen = onOpen
  }

  /** Nothing starts beside what must run alone, while the store refuses a result, or while too many wait for it. */
  get open(): boolean {
    const isOpen = this.#refused === 0 && !this.#solo && this.#soloists.length === 0
    if (!isOpen || this.#unsettled < MOST_UNSETTLED) return isOpen
    this.#closed = true
    return false
  }

  /** So many results wait for their commit; call the returned function once when it is over. */
  settling(results: number): () => void {
    this.#unsettled += results
    return () => {
      this.#unsettled -= results
      this.#next()
    }
  }

  /** An attempt starts; call the returned function once when it is over. */
  enter(): () => void {
    this.#running += 1
    return () => {
      this.#running -= 1
      this.#next()
    }
  }

  /** Resolves when nothing runs and nothing else may start; call the returned function once when it is over. */
  async alone(): Promise<() => void> {
    const turn = Promise.withResolvers<void>()
    this.#soloists.push(turn)
    this.#closed = true
    this.#next()
    await turn.promise
    return () => {
      this.#solo = false
      this.#next()
    }
  }

  /** The store refuses a result; call the returned function once when it has taken it. */
  refuse(): () => void {
    this.#refused += 1
    this.#closed = true
    return () => {
      this.#refused -= 1
      this.#next()
    }
  }

  #next(): void {
    if (this.open && this.#closed) {
      this.#closed = false
      this.#onOpen()
    }
    if (this.#solo || this.#refused > 0 || this.#running > 0) return
    const turn = this.#soloists.shift()
    if (turn === undefined) return
    this.#solo = true
    turn.resolve()
  }
}
