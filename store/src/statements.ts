import type { DeliveryQuery, ShownState } from '@onsignup/core/engine'
import type { SQLInputValue } from 'node:sqlite'

/**
 * All SQL but the schema. Written in what SQLite and PostgreSQL share, with `?` for values, so that another dialect
 * changes the schema, the placeholders and the locking of `claim`.
 */
export const SQL = {
  takeEpoch: `UPDATE engine SET epoch = epoch + 1 RETURNING epoch`,
  probe: `UPDATE engine SET probes = probes + 1`,

  // `state <> 'delivered'` excludes nothing here; with it SQLite may use the partial index of that condition.
  heldRuns: `
    SELECT id, run, begun FROM deliveries
    WHERE state = 'open' AND state <> 'delivered' AND held <> 0 ORDER BY id`,
  freeLost: `UPDATE deliveries SET state = ?, due = ?, reason = ?, held = 0, suspect = 1 WHERE id = ?`,

  retireConnectors: `UPDATE connectors SET current = 0`,
  registerConnector: `
    INSERT INTO connectors (name, uses, current) VALUES (?, ?, 1)
    ON CONFLICT (name, uses) DO UPDATE SET current = 1
    RETURNING *`,
  park: `
    UPDATE connectors
    SET parked_since = ?, parked_code = ?, parked_reason = ?, parked_mend = ?, probe_at = ? WHERE id = ?`,
  throttle: `UPDATE connectors SET throttled_until = ? WHERE id = ?`,

  ofSource: `SELECT user_key, event_id FROM ledger WHERE source_key = ?`,
  latestOfUser: `
    SELECT event_id, created_at FROM ledger WHERE user_key = ? ORDER BY created_at DESC LIMIT 1`,
  addToLedger: `
    INSERT INTO ledger (source_key, user_key, event_id, created_at, first_seen) VALUES (?, ?, ?, ?, ?)`,
  addEvent: `
    INSERT INTO events (id, user_id, email, email_key, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING
    RETURNING seq`,
  addDelivery: `INSERT INTO deliveries (event, connector, state, due, reason) VALUES (?, ?, ?, ?, ?)`,

  claim: `
    UPDATE deliveries SET held = ?, run = run + 1
    WHERE id IN (
      SELECT id FROM deliveries
      WHERE connector = ? AND state = 'open' AND held = 0 AND due <= ?
      ORDER BY due, id LIMIT ?
    )
    RETURNING id, due, run, suspect, generation, tries, unknowns, strikes, failing_since,
      (SELECT body FROM events WHERE seq = deliveries.event) AS body`,
  nextDue: `SELECT min(due) AS due FROM deliveries WHERE connector = ? AND state = 'open' AND held = 0`,
  countDue: `
    SELECT count(*) AS due FROM (
      SELECT 1 FROM deliveries
      WHERE connector = ? AND state = 'open' AND held = 0 AND due <= ? LIMIT ?
    ) AS counted`,
  begin: `UPDATE deliveries SET begun = run WHERE id = ? AND run = ? AND held = ?`,
  release: `UPDATE deliveries SET held = 0 WHERE id = ? AND run = ? AND held = ?`,
  settle: `
    UPDATE deliveries
    SET state = ?, due = ?, tries = ?, unknowns = ?, strikes = ?, failing_since = ?, reason = ?, held = 0
    WHERE id = ? AND run = ? AND held = ?`,
  addAttempt: `
    INSERT INTO attempts (delivery, n, run, at, ms, outcome, code, detail)
    SELECT id, (SELECT coalesce(max(n), 0) + 1 FROM attempts WHERE delivery = deliveries.id), ?, ?, ?, ?, ?, ?
    FROM deliveries WHERE id = ?`,

  stateOf: `SELECT state, held, connector FROM deliveries WHERE id = ?`,
  event: `SELECT body FROM events WHERE id = ?`,
} as const

// A repeat under the same key must know that an answer was lost, though the counts forget it.
const PUT_BACK = `
  UPDATE deliveries
  SET state = 'open', due = ?, held = 0, run = run + 1, reason = NULL,
    tries = 0, unknowns = 0, strikes = 0, failing_since = NULL,
    suspect = CASE state WHEN 'delivered' THEN 0 WHEN 'unknown' THEN 1 ELSE suspect END,
    generation = CASE state WHEN 'delivered' THEN generation + 1 ELSE generation END`

const OF_CONNECTOR = `connector IN (SELECT id FROM connectors WHERE name = ?)`

/** Statements that put deliveries back, by how they are chosen; the first value is the time. */
export const PUT_BACK_ONE = `${PUT_BACK} WHERE id = ?`
export const PUT_BACK_STATE = `
  ${PUT_BACK} WHERE state = ? AND state <> 'delivered' RETURNING id, connector`
export const PUT_BACK_STATE_OF_CONNECTOR = `
  ${PUT_BACK} WHERE state = ? AND state <> 'delivered' AND ${OF_CONNECTOR} RETURNING id, connector`

const FREE = `c.current = 1 AND d.held = 0`

const SHOWN: Record<ShownState, string> = {
  delivered: `d.state = 'delivered'`,
  skipped: `d.state = 'skipped' AND d.state <> 'delivered'`,
  unknown: `d.state = 'unknown' AND d.state <> 'delivered'`,
  dead: `d.state = 'dead' AND d.state <> 'delivered'`,
  orphaned: `d.state = 'open' AND d.state <> 'delivered' AND c.current = 0`,
  running: `d.state = 'open' AND d.state <> 'delivered' AND c.current = 1 AND d.held <> 0`,
  parked: `d.state = 'open' AND d.state <> 'delivered' AND ${FREE} AND c.parked_since IS NOT NULL`,
  pending: `d.state = 'open' AND d.state <> 'delivered' AND ${FREE} AND c.parked_since IS NULL AND d.due <= ?`,
  waiting: `d.state = 'open' AND d.state <> 'delivered' AND ${FREE} AND c.parked_since IS NULL AND d.due > ?`,
}

/** A page of deliveries, newest first, a row for each attempt, and one for a delivery that has none. */
export const listDeliveries = (
  query: DeliveryQuery,
  now: number,
): { readonly sql: string; readonly values: readonly SQLInputValue[] } => {
  const conditions: string[] = []
  const values: SQLInputValue[] = []
  const where = (condition: string, ...more: readonly SQLInputValue[]): void => {
    conditions.push(condition)
    values.push(...more)
  }
  const { state, connector, user, event, after, limit } = query
  if (state !== undefined) where(SHOWN[state], ...(state === 'pending' || state === 'waiting' ? [now] : []))
  if (connector !== undefined) where(`d.${OF_CONNECTOR}`, connector)
  if (event !== undefined) where(`d.event = (SELECT seq FROM events WHERE id = ?)`, event)
  if (user !== undefined) {
    const ofUser = `SELECT seq FROM events WHERE user_id = ? UNION SELECT seq FROM events WHERE email_key = ?`
    where(`d.event IN (${ofUser})`, user, user.toLowerCase())
  }
  if (after !== undefined) where(`d.id < ?`, after)
  return {
    sql: `
      SELECT page.*, a.run, a.at, a.ms, a.outcome, a.code, a.detail
      FROM (
        SELECT d.id, d.state, d.due, d.held, d.reason, d.tries, e.id AS event, e.user_id, e.email, c.*
        FROM deliveries AS d
        JOIN events AS e ON e.seq = d.event
        JOIN (
          SELECT id AS connector_id, name, current,
            parked_since, parked_code, parked_reason, parked_mend, probe_at
          FROM connectors
        ) AS c ON c.connector_id = d.connector
        ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
        ORDER BY d.id DESC LIMIT ?
      ) AS page
      LEFT JOIN attempts AS a ON a.delivery = page.id
      ORDER BY page.id DESC, a.n`,
    values: [...values, limit],
  }
}
