/** What an event is known by. */
export interface EventKnown {
  readonly seq: number
  readonly id: string
  /** Epoch milliseconds. */
  readonly receivedAt: number
  /** Of its registration; null of a test event, which is never a repeat of another. */
  readonly user: string | null
  readonly source: string | null
  /** Of the account, in epoch milliseconds. */
  readonly createdAt: number | null
  /** A live one may take its place. */
  readonly historical: boolean
}

interface Entry {
  readonly event: EventKnown
  /** What the user was known by before it. */
  readonly before: EventKnown | undefined
}

/**
 * The newest events, which are not in the ledger and the other indexes yet. Their keys are random: written with their
 * events, each would take a page of its own, and those pages most of a commit.
 */
export class RecentEvents {
  readonly #entries: Entry[] = []
  readonly #byUser = new Map<string, EventKnown>()
  readonly #bySource = new Map<string, EventKnown>()
  #committed = 0

  /** How many are sure to be stored. */
  get size(): number {
    return this.#committed
  }

  /** The latest event of the registration with this key. */
  ofUser(key: string): EventKnown | undefined {
    return this.#byUser.get(key)
  }

  ofSource(key: string): EventKnown | undefined {
    return this.#bySource.get(key)
  }

  add(event: EventKnown): void {
    const { user, source } = event
    this.#entries.push({ event, before: user === null ? undefined : this.#byUser.get(user) })
    if (user !== null) this.#byUser.set(user, event)
    if (source !== null) this.#bySource.set(source, event)
  }

  /** Those that are sure to be stored, oldest first. */
  all(): readonly EventKnown[] {
    return this.#entries.slice(0, this.#committed).map(({ event }) => event)
  }

  /** So many of the oldest are in the indexes now. */
  drop(count: number): void {
    for (const { event } of this.#entries.splice(0, count)) {
      const { user, source } = event
      if (user !== null && this.#byUser.get(user) === event) this.#byUser.delete(user)
      if (source !== null) this.#bySource.delete(source)
    }
    this.#committed -= count
  }

  /** A place to roll back to. */
  mark(): number {
    return this.#entries.length
  }

  rollBackTo(mark: number): void {
    for (const { event, before } of this.#entries.splice(mark).toReversed()) {
      const { user, source } = event
      if (user !== null && before === undefined) this.#byUser.delete(user)
      if (user !== null && before !== undefined) this.#byUser.set(user, before)
      if (source !== null) this.#bySource.delete(source)
    }
  }

  commit(): void {
    this.#committed = this.#entries.length
  }
}
