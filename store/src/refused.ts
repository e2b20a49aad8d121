import { traceOf, type KeptRefused, type Refused, type Store } from '@onsignup/core/engine'
import { integer, text, textOrNull } from './columns.ts'
import type { Connection } from './connection.ts'

const SQL = {
  keep: `INSERT INTO refused (path, at, event_id, why, payload) VALUES (?, ?, ?, ?, ?)`,
  list: `SELECT * FROM refused WHERE id < ? ORDER BY id DESC LIMIT ?`,
  one: `SELECT * FROM refused WHERE id = ?`,
  drop: `DELETE FROM refused WHERE id = ?`,
  dropOld: `DELETE FROM refused WHERE at < ?`,
  // SQLite's own lower() knows ASCII only, so that a name is sought as it was given too.
  dropOfUser: `DELETE FROM refused WHERE instr(payload, ?) > 0 OR instr(lower(payload), lower(?)) > 0`,
} as const

export const keepRefused = (db: Connection, refused: readonly Refused[]): void => {
  for (const { path, at, eventId, why, payload } of refused) db.run(SQL.keep, path, at, eventId, why, payload)
}

export const listRefused = (
  db: Connection,
  { limit, after = Number.MAX_SAFE_INTEGER, id }: Parameters<Store['listRefused']>[0],
): readonly KeptRefused[] => {
  const rows = id === undefined ? db.all(SQL.list, after, limit) : db.all(SQL.one, id)
  return rows.map((row) => ({
    id: integer(row, 'id'),
    path: text(row, 'path'),
    at: integer(row, 'at'),
    eventId: textOrNull(row, 'event_id'),
    why: text(row, 'why'),
    payload: text(row, 'payload'),
  }))
}

export const dropRefused = (db: Connection, which: Parameters<Store['dropRefused']>[0]): number =>
  'id' in which ? db.run(SQL.drop, which.id) : db.run(SQL.dropOld, which.before)

/** Takes out what has a user's id or address in it. */
export const dropRefusedOf = (db: Connection, user: string): void => {
  const trace = traceOf(user)
  db.run(SQL.dropOfUser, trace, trace)
}
