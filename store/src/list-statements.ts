import type { DeliveryQuery, ShownState } from '@onsignup/core/engine'
import type { SQLInputValue } from 'node:sqlite'

export interface Statement {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

const FREE = `d.state = 'open' AND d.held = 0`

// What the connector decides of a shown state is asked beforehand.
const SHOWN: Record<ShownState, string> = {
  delivered: `d.state = 'delivered'`,
  skipped: `d.state = 'skipped'`,
  unknown: `d.state = 'unknown'`,
  dead: `d.state = 'dead'`,
  orphaned: `d.state = 'open'`,
  running: `d.held <> 0`,
  parked: FREE,
  pending: `${FREE} AND d.due <= ?`,
  waiting: `${FREE} AND d.due > ?`,
}

const isTimed = (state: ShownState): boolean => state === 'pending' || state === 'waiting'

/** Whether a state's deliveries are all in the index by due time. */
export const isFree = (state: ShownState | undefined): state is 'parked' | 'pending' | 'waiting' =>
  state === 'parked' || state === 'pending' || state === 'waiting'

const ofConnectors = (count: number): string => `d.connector IN (${Array(count).fill('?').join(', ')})`

/** Counts a free state's deliveries of these connectors, up to `limit`. */
export const countFree = (
  state: 'parked' | 'pending' | 'waiting',
  now: number,
  { connectors, limit }: { readonly connectors: readonly number[]; readonly limit: number },
): Statement => ({
  sql: `
    SELECT count(*) AS free FROM (
      SELECT 1 FROM deliveries AS d INDEXED BY deliveries_due
      WHERE ${SHOWN[state]} AND ${ofConnectors(connectors.length)} LIMIT ?
    ) AS counted`,
  values: [...(isTimed(state) ? [now] : []), ...connectors, limit],
})

/** Left to itself, SQLite sorts a backlog of a million, or reads through it, to find a page. */
const indexFor = ({ state, user, event }: DeliveryQuery, isScarce: boolean): string => {
  if (user !== undefined || event !== undefined) return 'INDEXED BY deliveries_event'
  if (state === undefined) return 'NOT INDEXED'
  if (state === 'running') return 'INDEXED BY deliveries_held'
  return isScarce ? 'INDEXED BY deliveries_due' : 'INDEXED BY deliveries_state'
}

/**
 * A page of these connectors' deliveries, newest first: a row for each attempt, and one for a delivery that has
 * none. `isScarce`: so few are in the index by due time that they may be sorted.
 */
export const listDeliveries = (
  query: DeliveryQuery,
  now: number,
  { connectors, isScarce }: { readonly connectors: readonly number[]; readonly isScarce: boolean },
): Statement => {
  const { state, user, event, after, limit } = query
  const conditions = [ofConnectors(connectors.length)]
  const values: SQLInputValue[] = [...connectors]
  const where = (condition: string, ...more: readonly SQLInputValue[]): void => {
    conditions.push(condition)
    values.push(...more)
  }
  if (state !== undefined) where(SHOWN[state], ...(isTimed(state) ? [now] : []))
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
        SELECT d.id, d.connector, d.state, d.due, d.held, d.reason, d.tries, e.id AS event, e.user_id, e.email
        FROM deliveries AS d ${indexFor(query, isScarce)}
        JOIN events AS e ON e.seq = d.event
        WHERE ${conditions.join(' AND ')}
        ORDER BY d.id DESC LIMIT ?
      ) AS page
      LEFT JOIN attempts AS a ON a.delivery = page.id
      ORDER BY page.id DESC, a.n`,
    values: [...values, limit],
  }
}
