import type { Renamed } from '@onsignup/core/engine'
import { integer, integerOrNull, text } from './columns.ts'
import type { Connection, Row } from './connection.ts'
import { SQL as SHARED } from './statements.ts'

const SQL = {
  one: `SELECT name, uses FROM connectors WHERE id = ?`,
  count: `
    SELECT count(*) AS deliveries, coalesce(sum(CASE state WHEN 'open' THEN 1 ELSE 0 END), 0) AS open
    FROM deliveries WHERE connector = ?`,
  remove: `DELETE FROM connectors WHERE id = ?`,
  rename: `UPDATE connectors SET key_name = coalesce(key_name, name), name = ? WHERE id = ?`,
  takeOver: `
    UPDATE connectors
    SET paused_since = coalesce(paused_since, ?), current = CASE current WHEN 1 THEN 1 ELSE ? END WHERE id = ?`,
  dropStates: `
    DELETE FROM states
    WHERE connector = ? AND uses = ? AND key IN (SELECT key FROM states WHERE connector = ? AND uses = ?)`,
  moveStates: `UPDATE states SET connector = ? WHERE connector = ? AND uses = ?`,
} as const

/** Lets a connector go that has no delivery, in favour of another. */
const giveWay = (db: Connection, row: Row, to: number): void => {
  db.run(SQL.remove, integer(row, 'id'))
  db.run(SQL.takeOver, integerOrNull(row, 'paused_since'), integer(row, 'current'), to)
}

/** Gives a connector's row another name. */
export const rename = (db: Connection, connector: number, name: string): Renamed => {
  const row = db.get(SQL.one, connector)
  if (!row || text(row, 'name') === name) return { kind: 'renamed' }
  const [before, uses] = [text(row, 'name'), text(row, 'uses')]
  const other = db.get(SHARED.connector, name, uses)
  if (other) {
    const counted = db.get(SQL.count, integer(other, 'id')) ?? {}
    const deliveries = integer(counted, 'deliveries')
    if (deliveries > 0) return { kind: 'taken', deliveries, open: integer(counted, 'open') }
    giveWay(db, other, connector)
  }
  db.run(SQL.rename, name, connector)
  // What the other kept is newer.
  db.run(SQL.dropStates, before, uses, name, uses)
  db.run(SQL.moveStates, name, before, uses)
  return { kind: 'renamed' }
}
