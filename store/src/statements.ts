import { WHEN_IDLE } from '@onsignup/core/engine'
import { DELIVERIES_PER_EVENT } from './schema.ts'

/** The seq of an event, by its id given twice: of a recent one the id is in no index yet. */
export const SEQ_OF_ID = `coalesce(
  (SELECT seq FROM event_ids WHERE id = ?),
  (SELECT seq FROM events WHERE seq > (SELECT indexed FROM engine) AND id = ?))`

/** A connector's that may be handed out. */
const FREE = `connector = ? AND state = 'open' AND held = 0`

const claimOf = (due: string): string => `
    UPDATE deliveries SET held = ?, run = run + 1
    WHERE id IN (SELECT id FROM deliveries WHERE ${FREE} AND ${due} LIMIT ?)
    RETURNING id, due, run, suspect, alone, generation, tries, unknowns, strikes, failing_since,
      (SELECT body FROM bodies WHERE event = deliveries.id / ${DELIVERIES_PER_EVENT}) AS body`

/**
 * All SQL but the schema and the lists. Written in what SQLite and PostgreSQL share, with `?` for values, so that another dialect
 * changes the schema, the placeholders and the locking of `claim`.
 */
export const SQL = {
  takeEpoch: `UPDATE engine SET epoch = epoch + 1 RETURNING epoch`,
  probe: `UPDATE engine SET probes = probes + 1`,

  heldRuns: `
    SELECT id, run, begun, mark, alone, lost FROM deliveries
    WHERE held <> 0 ORDER BY id`,
  anyHeld: `SELECT 1 FROM deliveries WHERE held <> 0 LIMIT 1`,
  freeLost: `
    UPDATE deliveries SET state = ?, due = ?, reason = ?, alone = ?, lost = ?, held = 0, suspect = 1 WHERE id = ?`,

  markAsCopy: `UPDATE engine SET copied_at = ?`,
  pauseInCopy: `
    UPDATE connectors SET paused_since = coalesce(paused_since, (SELECT copied_at FROM engine))`,
  isNoCopyAnyMore: `UPDATE engine SET copied_at = NULL WHERE copied_at IS NOT NULL`,

  retireConnectors: `UPDATE connectors SET current = 0`,
  registerConnector: `
    INSERT INTO connectors (name, uses, current) VALUES (?, ?, 1)
    ON CONFLICT (name, uses) DO UPDATE SET current = 1`,
  // One that had the name before another was renamed may have its keys.
  tellKeysApart: `
    UPDATE connectors SET key_name = name || '#' || id
    WHERE name = ? AND uses = ? AND key_name IS NULL AND EXISTS (
      SELECT 1 FROM connectors AS other WHERE other.uses = connectors.uses AND other.key_name = connectors.name
    )`,
  connector: `SELECT * FROM connectors WHERE name = ? AND uses = ?`,
  park: `
    UPDATE connectors
    SET parked_since = ?, parked_code = ?, parked_reason = ?, parked_mend = ?, probe_at = ? WHERE id = ?`,
  pause: `UPDATE connectors SET paused_since = ? WHERE id = ?`,
  openGate: `UPDATE connectors SET released_at = ? WHERE id = ?`,
  // A shorter limit, told to an attempt that began earlier, does not end a longer one.
  throttle: `
    UPDATE connectors
    SET throttled_until = CASE WHEN throttled_until > ? THEN throttled_until ELSE ? END WHERE id = ?`,

  ofSource: `SELECT user_key, event_id FROM sources WHERE source_key = ?`,
  latestOfUser: `SELECT event_id, created_at, historical FROM ledger WHERE user_key = ?`,
  addEvent: `
    INSERT INTO events (id, user_key, source_key, created_at, received_at, historical, user_id, email, email_key)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  // Of a recent one the seq is known, and the id in no index yet.
  historicalEvent: `
    SELECT seq, user_id IS NULL AS is_forgotten FROM events
    WHERE seq = coalesce(?, (SELECT seq FROM event_ids WHERE id = ?))`,
  replace: `UPDATE events SET replaced = 1 WHERE seq = ?`,
  connectorsOf: `SELECT connector FROM deliveries WHERE id >= ? AND id < ?`,
  addBody: `INSERT INTO bodies (event, body) VALUES (?, ?)`,

  claim: claimOf(`due > ${WHEN_IDLE} AND due <= ? ORDER BY due, id`),
  claimIdle: claimOf(`due = ${WHEN_IDLE} ORDER BY id`),
  nextDue: `SELECT min(due) AS due FROM deliveries WHERE ${FREE} AND due > ${WHEN_IDLE}`,
  countDue: `
    SELECT count(*) AS due FROM (
      SELECT 1 FROM deliveries WHERE ${FREE} AND due > ${WHEN_IDLE} AND due <= ? LIMIT ?
    ) AS counted`,
  begin: `UPDATE deliveries SET begun = run, mark = ? WHERE id = ? AND run = ? AND held = ?`,
  held: `SELECT id, run, connector FROM deliveries WHERE held = ? AND held <> 0`,
  release: `UPDATE deliveries SET held = 0, due = coalesce(?, due) WHERE id = ? AND run = ? AND held = ?`,
  settle: `
    UPDATE deliveries
    SET state = ?, due = ?, tries = ?, unknowns = ?, strikes = ?, failing_since = ?, reason = ?, suspect = ?,
      held = 0, alone = 0, last_run = run, last_at = ?, last_ms = ?, last_outcome = ?, last_code = ?, last_detail = ?,
      last_sent = ?
    WHERE id = ? AND run = ? AND held = ?`,
  isCurrent: `SELECT 1 FROM deliveries WHERE id = ? AND run = ? AND held = ?`,
  keepLast: `
    INSERT INTO attempts (delivery, n, run, at, ms, outcome, code, detail, sent)
    SELECT id, (SELECT coalesce(max(n), 0) + 1 FROM attempts WHERE delivery = deliveries.id),
      last_run, last_at, last_ms, last_outcome, last_code, last_detail, last_sent
    FROM deliveries WHERE id = ? AND last_run IS NOT NULL`,
  setLast: `
    UPDATE deliveries
    SET last_run = ?, last_at = ?, last_ms = ?, last_outcome = ?, last_code = ?, last_detail = ?, last_sent = ?
    WHERE id = ?`,
  addOutput: `
    INSERT INTO outputs (delivery, run, at, output) VALUES (?, ?, ?, ?)
    ON CONFLICT (delivery, run, at) DO UPDATE SET output = excluded.output`,
  outputsOf: `SELECT run, at, output FROM outputs WHERE delivery = ?`,
  // node:sqlite binds numbers as REAL, which is divided without a floor.
  hasBody: `SELECT 1 FROM bodies WHERE event = CAST(? AS INTEGER) / ${DELIVERIES_PER_EVENT}`,

  // A copy that nobody has opened yet is paused by whoever does.
  connectors: `
    SELECT id, name, uses, key_name, current, parked_since, parked_code, parked_reason, parked_mend, probe_at,
      coalesce(paused_since, (SELECT copied_at FROM engine)) AS paused_since, released_at, throttled_until
    FROM connectors ORDER BY name, id`,
  stateOf: `SELECT state, held, connector FROM deliveries WHERE id = ?`,
  recall: `SELECT value FROM states WHERE connector = ? AND uses = ? AND key = ?`,
  keep: `
    INSERT INTO states (connector, uses, key, value) VALUES (?, ?, ?, ?)
    ON CONFLICT (connector, uses, key) DO UPDATE SET value = excluded.value`,
  keepNothing: `DELETE FROM states WHERE connector = ? AND uses = ? AND key = ?`,
  event: `SELECT body FROM bodies WHERE event = ${SEQ_OF_ID}`,
} as const

// A repeat under the same key must know that an answer was lost, though the counts forget it.
const PUT_BACK = `
  UPDATE deliveries
  SET state = 'open', due = ?, held = 0, run = run + 1, reason = NULL,
    tries = 0, unknowns = 0, strikes = 0, lost = 0, failing_since = NULL,
    suspect = CASE WHEN state = 'delivered' THEN 0 WHEN state = 'unknown' OR unknowns > 0 THEN 1 ELSE suspect END,
    generation = CASE state WHEN 'delivered' THEN generation + 1 ELSE generation END`

export const PUT_BACK_ONE = `${PUT_BACK} WHERE id = ?`

/**
 * Puts back the next of a state after an id, a limited number, in the order of their ids; with `ofConnector`, those of
 * a connector's name. Values: the time, the id, the name, the limit.
 */
export const putBackState = (
  // With the state as a value, SQLite would not see that the state's index holds.
  state: 'dead' | 'unknown' | 'skipped',
  { ofConnector }: { readonly ofConnector: boolean },
): string => `
  ${PUT_BACK} WHERE id IN (
    SELECT id FROM deliveries AS d
    WHERE state = '${state}' AND id > ?
      ${ofConnector ? 'AND connector IN (SELECT id FROM connectors WHERE name = ?)' : ''}
      AND EXISTS (SELECT 1 FROM bodies WHERE event = d.id / ${DELIVERIES_PER_EVENT})
    ORDER BY id LIMIT ?
  )
  RETURNING id, connector`

const BORN = `INSERT INTO deliveries (id, connector, state, due, reason, held, run) VALUES `
const bornBy = new Map<number, string>()

/** Adds an event's deliveries, of which there are at least one; seven values for each. */
export const addDeliveries = (count: number): string => {
  const known = bornBy.get(count)
  if (known !== undefined) return known
  const statement = BORN + Array(count).fill('(?, ?, ?, ?, ?, ?, ?)').join(', ')
  bornBy.set(count, statement)
  return statement
}
