import type { ConnectorRow, GateChange, Parked } from '@onsignup/core/engine'
import { integer, integerOrNull, text, textOrNull } from './columns.ts'
import type { Connection, Row } from './connection.ts'
import { SQL } from './statements.ts'

const parkedOf = (row: Row): Parked | null => {
  const since = integerOrNull(row, 'parked_since')
  if (since === null) return null
  return {
    since,
    code: text(row, 'parked_code'),
    reason: text(row, 'parked_reason'),
    mend: textOrNull(row, 'parked_mend'),
    probeAt: integer(row, 'probe_at'),
  }
}

/** Makes these the current connectors; a known name and plugin keeps its row. */
export const register = (
  db: Connection,
  connectors: readonly { readonly name: string; readonly uses: string }[],
): readonly ConnectorRow[] => {
  db.run(SQL.retireConnectors)
  for (const { name, uses } of connectors) {
    db.run(SQL.registerConnector, name, uses)
    db.run(SQL.tellKeysApart, name, uses)
  }
  return connectors.flatMap(({ name, uses }) =>
    db.all(SQL.connector, name, uses).map((row) => connectorOf(row)),
  )
}

const connectorOf = (row: Row): ConnectorRow => ({
  id: integer(row, 'id'),
  name: text(row, 'name'),
  uses: text(row, 'uses'),
  keyName: textOrNull(row, 'key_name') ?? text(row, 'name'),
  parked: parkedOf(row),
  paused: integerOrNull(row, 'paused_since'),
  released: integerOrNull(row, 'released_at'),
  throttledUntil: integerOrNull(row, 'throttled_until'),
})

/** In a copy that is opened for the first time, pauses all connectors: it does not know what was delivered since. */
export const pauseCopy = (db: Connection): void => {
  db.run(SQL.pauseInCopy)
  db.run(SQL.isNoCopyAnyMore)
}

/** All connectors that ever were, by name. */
export const allConnectors = (db: Connection): readonly (ConnectorRow & { readonly current: boolean })[] =>
  db.all(SQL.connectors).map((row) => ({ ...connectorOf(row), current: integer(row, 'current') === 1 }))

export const changeGate = (
  db: Connection,
  { connector, parked, paused, released, throttledUntil }: GateChange,
): void => {
  if (parked !== undefined) {
    const { since = null, code = null, reason = null, mend = null, probeAt = null } = parked ?? {}
    db.run(SQL.park, since, code, reason, mend, probeAt, connector)
  }
  if (paused !== undefined) db.run(SQL.pause, paused, connector)
  if (released !== undefined) db.run(SQL.openGate, released, connector)
  if (throttledUntil !== undefined) db.run(SQL.throttle, throttledUntil, throttledUntil, connector)
}
