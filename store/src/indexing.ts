import type { SQLInputValue } from 'node:sqlite'
import { integer, integerOrNull, text, textOrNull } from './columns.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Connection } from './connection.ts'
import type { EventKnown, RecentEvents } from './recent-events.ts'

/** So many events wait for their indexes at most, but for those that come while these are written; a start reads them. */
const MOST_RECENT = 8_192
/** So many rows go into an index with one commit at least; sorted, they share pages. */
const ROWS = 512
/** And so many for each event that came meanwhile: an event has up to three, and they must become fewer. */
const ROWS_FOR_EACH = 6

const SQL = {
  recent: `
    SELECT seq, id, received_at, user_key, source_key, created_at, historical FROM events
    WHERE seq > (SELECT indexed FROM engine) ORDER BY seq`,
  addUser: `
    INSERT INTO ledger (user_key, event_id, created_at, first_seen, historical) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (user_key) DO UPDATE
    SET event_id = excluded.event_id, created_at = excluded.created_at, first_seen = excluded.first_seen,
      historical = excluded.historical`,
  addSource: `
    INSERT INTO sources (source_key, user_key, event_id) VALUES (?, ?, ?) ON CONFLICT (source_key) DO NOTHING`,
  addId: `INSERT INTO event_ids (id, seq) VALUES (?, ?) ON CONFLICT (id) DO NOTHING`,
  indexedUpTo: `UPDATE engine SET indexed = ?`,
} as const

type Values = readonly [string, ...SQLInputValue[]]

/** In the order of their first values; of equal ones, in the order of the events. */
const sorted = (rows: readonly Values[]): readonly Values[] =>
  rows.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** What is to be written of these events, each statement with its rows. */
const rowsOf = (events: readonly EventKnown[]): readonly (readonly [string, readonly Values[]])[] => {
  const users: Values[] = []
  const sources: Values[] = []
  const ids: Values[] = []
  for (const { seq, id, receivedAt, user, source, createdAt, historical } of events) {
    ids.push([id, seq])
    if (user !== null) users.push([user, id, createdAt, receivedAt, historical ? 1 : 0])
    if (user !== null && source !== null) sources.push([source, user, id])
  }
  return [
    [SQL.addUser, sorted(users)],
    [SQL.addSource, sorted(sources)],
    [SQL.addId, sorted(ids)],
  ]
}

/** Learns what a process before this one left to be indexed. */
export const loadRecent = (db: Connection, recent: RecentEvents): void => {
  for (const row of db.all(SQL.recent)) {
    recent.add({
      seq: integer(row, 'seq'),
      id: text(row, 'id'),
      receivedAt: integer(row, 'received_at'),
      user: textOrNull(row, 'user_key'),
      source: textOrNull(row, 'source_key'),
      createdAt: integerOrNull(row, 'created_at'),
      historical: integer(row, 'historical') === 1,
    })
  }
  recent.commit()
}

/** Brings recent events into the indexes, some with each commit, so that nobody waits for all of them. */
export class Indexing {
  readonly #db: Connection
  readonly #queue: Pick<CommitQueue, 'add'>
  readonly #recent: RecentEvents
  #running: Promise<void> | null = null

  constructor(db: Connection, queue: Pick<CommitQueue, 'add'>, recent: RecentEvents) {
    this.#db = db
    this.#queue = queue
    this.#recent = recent
  }

  /** Begins when there are enough. What fails is done again, from the start, after another commit. */
  keepUp(): void {
    if (this.#running === null && this.#recent.size >= MOST_RECENT) this.#start().catch(() => {})
  }

  /** Resolves when all that is stored now is indexed. */
  async all(): Promise<void> {
    await this.#running?.catch(() => {})
    await this.#start()
  }

  #start(): Promise<void> {
    this.#running ??= this.#index().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #index(): Promise<void> {
    const events = this.#recent.all()
    const last = events.at(-1)
    if (last === undefined) return
    let known = events.length
    for (const [sql, rows] of rowsOf(events)) {
      for (let from = 0; from < rows.length;) {
        const to = from + Math.max(ROWS, ROWS_FOR_EACH * (this.#recent.size - known))
        known = this.#recent.size
        const slice = rows.slice(from, to)
        await this.#queue.add(() => {
          for (const row of slice) this.#db.run(sql, ...row)
        })
        from = to
      }
    }
    await this.#queue.add(() => this.#db.run(SQL.indexedUpTo, last.seq))
    this.#recent.drop(events.length)
  }
}
