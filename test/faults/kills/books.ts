import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'

/** What a store's file says of one delivery. */
export interface Entry {
  readonly id: number
  readonly event: string
  readonly connector: string
  readonly state: string
  readonly reason: string | null
  /** Rows of its history that tell what came of an attempt, and those that say that the process ended. */
  readonly told: number
  readonly lost: number
  readonly unknown: number
}

/** Reads a store's file beside the program, or after it. */
export interface Books extends Disposable {
  /** Deliveries that a process held; after a kill, those that may have been in flight. */
  held(): readonly Entry[]
  /** The newest delivery's number. */
  newest(): number
  /** How many wait, by connector. */
  open(): Readonly<Record<string, number>>
  /** How many wait to run with nothing beside them, since they were in flight at more than one kill. */
  alone(): number
  /** Nothing up to this delivery waits or runs. */
  isSettled(upTo: number): boolean
  events(): ReadonlySet<string>
  all(): Iterable<Entry>
}

const ENTRY = `
  SELECT d.id, e.id AS event, c.name AS connector, d.state, d.reason,
    (SELECT count(*) FROM attempts a WHERE a.delivery = d.id AND a.outcome <> 'lost')
      + (d.last_outcome IS NOT NULL AND d.last_outcome <> 'lost') AS told,
    (SELECT count(*) FROM attempts a WHERE a.delivery = d.id AND a.outcome = 'lost')
      + coalesce(d.last_outcome = 'lost', 0) AS lost,
    (SELECT count(*) FROM attempts a WHERE a.delivery = d.id AND a.outcome = 'unknown')
      + coalesce(d.last_outcome = 'unknown', 0) AS unknown
  FROM deliveries d JOIN connectors c ON c.id = d.connector JOIN events e ON e.seq = d.id / 1000`

const entry = z.object({
  id: z.number(),
  event: z.string(),
  connector: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  told: z.number(),
  lost: z.number(),
  unknown: z.number(),
})

const numbered = z.object({ n: z.number().nullable() })

export const openBooks = (path: string): Books => {
  // Read-only, so that a look at the remains of a kill does not tidy them up.
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  const number = (sql: string, ...values: number[]) => numbered.parse(db.prepare(sql).get(...values)).n ?? 0
  return {
    held: () => z.array(entry).parse(db.prepare(`${ENTRY} WHERE d.held <> 0`).all()),
    newest: () => number('SELECT max(id) AS n FROM deliveries'),
    open: () =>
      Object.fromEntries(
        z
          .array(z.object({ name: z.string(), n: z.number() }))
          .parse(
            db
              .prepare(
                `SELECT c.name, count(*) AS n FROM deliveries d JOIN connectors c ON c.id = d.connector
                 WHERE d.state = 'open' GROUP BY 1`,
              )
              .all(),
          )
          .map(({ name, n }) => [name, n]),
      ),
    alone: () =>
      number(`SELECT count(*) AS n FROM deliveries WHERE state = 'open' AND held = 0 AND alone = 1`) +
      number('SELECT count(*) AS n FROM deliveries WHERE held <> 0 AND alone = 1'),
    isSettled: (upTo) =>
      number('SELECT EXISTS (SELECT 1 FROM deliveries WHERE held <> 0 AND id <= ?) AS n', upTo) === 0 &&
      number(
        `SELECT EXISTS (SELECT 1 FROM connectors c JOIN deliveries d INDEXED BY deliveries_due
           ON d.connector = c.id AND d.state = 'open' AND d.held = 0 AND d.id <= ?) AS n`,
        upTo,
      ) === 0,
    events: () =>
      new Set(
        z
          .array(z.object({ id: z.string() }))
          .parse(db.prepare('SELECT id FROM events').all())
          .map(({ id }) => id),
      ),
    *all() {
      for (const row of db.prepare(ENTRY).iterate()) yield entry.parse(row)
    },
    [Symbol.dispose]: () => db.close(),
  }
}
