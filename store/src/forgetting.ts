import { DROPPED, FORGOTTEN, type Forgotten } from '@onsignup/core/engine'
import { integer } from './columns.ts'
import type { Connection } from './connection.ts'
import { dropRefusedOf } from './refused.ts'
import { DELIVERIES_PER_EVENT, idsOf } from './schema.ts'
import { SLICE, type Slice } from './slices.ts'

const OF_EVENT = `id >= ? AND id < ?`

const SQL = {
  eventsOfUser: `SELECT seq FROM events WHERE user_id = ? OR coalesce(email_key, email) = ?`,
  openOf: `SELECT id FROM deliveries WHERE ${OF_EVENT} AND state = 'open'`,
  skip: `
    UPDATE deliveries SET state = 'skipped', due = ?, held = 0, run = run + 1
    WHERE ${OF_EVENT} AND state IN ('open', 'unknown')`,
  blank: `
    UPDATE deliveries
    SET last_detail = NULL, last_sent = NULL, reason = CASE state WHEN 'delivered' THEN NULL ELSE '${FORGOTTEN}' END
    WHERE ${OF_EVENT}`,
  blankAttempts: `UPDATE attempts SET detail = NULL, sent = NULL WHERE delivery >= ? AND delivery < ?`,
  deleteOutputs: `DELETE FROM outputs WHERE delivery >= ? AND delivery < ?`,
  blankEvent: `UPDATE events SET user_id = NULL, email = NULL, email_key = NULL WHERE seq = ?`,
  deleteBody: `DELETE FROM bodies WHERE event = ?`,

  drop: `
    UPDATE deliveries SET state = 'skipped', due = ?, held = 0, run = run + 1, reason = '${DROPPED}'
    WHERE id IN (
      SELECT id FROM deliveries
      WHERE id > ? AND state IN ('open', 'unknown')
        AND connector IN (SELECT id FROM connectors WHERE name = ? AND current = 0)
      ORDER BY id LIMIT ?
    )
    RETURNING id`,

  oldest: `
    SELECT seq, received_at, historical, NOT EXISTS (
      SELECT 1 FROM deliveries AS d
      WHERE d.id >= e.seq * ${DELIVERIES_PER_EVENT} AND d.id < (e.seq + 1) * ${DELIVERIES_PER_EVENT}
        AND (d.state = 'open' OR d.due >= ?)
    ) AS is_over
    FROM events AS e
    WHERE seq > ? AND seq < (SELECT max(seq) FROM events) AND seq <= (SELECT indexed FROM engine) ORDER BY seq LIMIT ?`,
  // To whom a backfill gave it is known no more, and of a user who was forgotten nothing is to start.
  closeHistorical: `
    UPDATE ledger SET historical = 0
    FROM events AS e
    WHERE e.seq = ? AND ledger.user_key = e.user_key AND ledger.event_id = e.id
      AND (e.user_id IS NULL OR EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id >= ? AND deliveries.id < ?))`,
  deleteAttempts: `DELETE FROM attempts WHERE delivery >= ? AND delivery < ?`,
  deleteDeliveries: `DELETE FROM deliveries WHERE ${OF_EVENT}`,
  deleteId: `DELETE FROM event_ids WHERE id = (SELECT id FROM events WHERE seq = ?)`,
  deleteEvent: `DELETE FROM events WHERE seq = ?`,
} as const

/** Takes everything personal of a user out of the tables. */
export const forget = (db: Connection, user: string, now: number): Forgotten => {
  const events = db.all(SQL.eventsOfUser, user, user.toLowerCase()).map((row) => integer(row, 'seq'))
  const deliveries: number[] = []
  dropRefusedOf(db, user)
  for (const seq of events) {
    const range = idsOf(seq)
    deliveries.push(...db.all(SQL.openOf, ...range).map((row) => integer(row, 'id')))
    db.run(SQL.skip, now, ...range)
    db.run(SQL.blank, ...range)
    db.run(SQL.blankAttempts, ...range)
    db.run(SQL.deleteOutputs, ...range)
    db.run(SQL.blankEvent, seq)
    db.run(SQL.deleteBody, seq)
  }
  return { events: events.length, deliveries }
}

/** Ends the next slice of what a connector left that is configured no more. */
export const dropSlice = (
  db: Connection,
  name: string,
  { now, after }: { readonly now: number; readonly after: number },
): Slice => {
  const ids = db.all(SQL.drop, now, after, name, SLICE).map((row) => integer(row, 'id'))
  return { count: ids.length, last: Math.max(after, ...ids) }
}

/** Deletes those of the next slice of events that are over; `erased` is told how many. */
export const eraseSlice = (
  db: Connection,
  { before, after }: { readonly before: number; readonly after: number },
  erased: (count: number) => void,
): Slice => {
  const rows = db.all(SQL.oldest, before, after, SLICE)
  const old = rows.filter((row) => integer(row, 'received_at') < before)
  const over = old.filter((row) => integer(row, 'is_over') === 1)
  for (const row of over) {
    const seq = integer(row, 'seq')
    const range = idsOf(seq)
    if (integer(row, 'historical') === 1) db.run(SQL.closeHistorical, seq, ...range)
    db.run(SQL.deleteAttempts, ...range)
    db.run(SQL.deleteOutputs, ...range)
    db.run(SQL.deleteDeliveries, ...range)
    db.run(SQL.deleteBody, seq)
    db.run(SQL.deleteId, seq)
    db.run(SQL.deleteEvent, seq)
  }
  erased(over.length)
  // What comes after the first that is too young is younger still.
  return { count: old.length, last: integer(rows.at(-1) ?? { seq: after }, 'seq') }
}
