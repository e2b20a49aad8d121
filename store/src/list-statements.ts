import type { DeliveryQuery, ShownState } from '@onsignup/core/engine'
import type { SQLInputValue } from 'node:sqlite'
import { DELIVERIES_PER_EVENT } from './schema.ts'
import { SEQ_OF_ID } from './statements.ts'

export interface Statement {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

const OPEN = `d.state = 'open'`

// What the connector decides of a shown state is asked beforehand.
const shownWhere = (free: string): Record<ShownState, string> => ({
  delivered: `d.state = 'delivered'`,
  skipped: `d.state = 'skipped'`,
  unknown: `d.state = 'unknown'`,
  dead: `d.state = 'dead'`,
  orphaned: OPEN,
  running: `d.held <> 0`,
  paused: free,
  parked: free,
  pending: `${free} AND d.due <= ?`,
  waiting: `${free} AND d.due > ?`,
})

const SHOWN = shownWhere(`${OPEN} AND d.held = 0`)
/** Where who holds a delivery is gone. */
const SHOWN_ABANDONED = shownWhere(OPEN)

const isTimed = (state: ShownState): boolean => state === 'pending' || state === 'waiting'

type FreeState = 'paused' | 'parked' | 'pending' | 'waiting'

/** Whether a state's deliveries are all in the index by due time. */
export const isFree = (state: ShownState | undefined): state is FreeState =>
  state === 'paused' || state === 'parked' || state === 'pending' || state === 'waiting'

const ofConnectors = (count: number): string => `d.connector IN (${Array(count).fill('?').join(', ')})`

/** Counts a free state's deliveries of these connectors, up to `limit`. */
export const countFree = (
  state: FreeState,
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
const indexFor = (state: ShownState | undefined, isScarce: boolean): string => {
  if (state === 'running') return 'INDEXED BY deliveries_held'
  if (state === 'skipped' || state === 'unknown' || state === 'dead') return `INDEXED BY deliveries_${state}`
  return isFree(state) && isScarce ? 'INDEXED BY deliveries_due' : 'NOT INDEXED'
}

/** The deliveries of the events that are sought; of all events when none is. */
const sourceOf = ({ state, user, event }: DeliveryQuery, isScarce: boolean): string =>
  user === undefined && event === undefined
    ? `deliveries AS d ${indexFor(state, isScarce)} JOIN events AS e ON e.seq = d.id / ${DELIVERIES_PER_EVENT}`
    : `events AS e CROSS JOIN deliveries AS d NOT INDEXED ON d.id >= e.seq * ${DELIVERIES_PER_EVENT}
        AND d.id < (e.seq + 1) * ${DELIVERIES_PER_EVENT}`

export interface Page {
  readonly connectors: readonly number[]
  /** So few are in the index by due time that they may be sorted. */
  readonly isScarce: boolean
  /** Who holds what is held is gone. Default: false. */
  readonly abandoned?: boolean
}

/**
 * A page of these connectors' deliveries, newest first: a row for each attempt but the last, which is in all of
 * them, and one for a delivery that has no other.
 */
export const listDeliveries = (
  query: DeliveryQuery,
  now: number,
  { connectors, isScarce, abandoned = false }: Page,
): Statement => {
  const { state, user, event, after, limit } = query
  const conditions = [ofConnectors(connectors.length)]
  const values: SQLInputValue[] = [...connectors]
  const where = (condition: string, ...more: readonly SQLInputValue[]): void => {
    conditions.push(condition)
    values.push(...more)
  }
  const shown = abandoned ? SHOWN_ABANDONED : SHOWN
  if (state !== undefined) where(shown[state], ...(isTimed(state) ? [now] : []))
  if (event !== undefined) where(`e.seq = ${SEQ_OF_ID}`, event, event)
  if (user !== undefined) {
    where(`(e.user_id = ? OR coalesce(e.email_key, e.email) = ?)`, user, user.toLowerCase())
  }
  if (query.delivery !== undefined) where(`d.id = ?`, query.delivery)
  if (after !== undefined) where(`d.id < ?`, after)
  const order = user === undefined && event === undefined ? 'd.id DESC' : 'e.seq DESC, d.id DESC'
  return {
    sql: `
      SELECT page.*, a.run, a.at, a.ms, a.outcome, a.code, a.detail, a.sent
      FROM (
        SELECT d.id, d.connector, d.state, d.due, d.held, d.reason, d.tries, e.id AS event, e.user_id, e.email,
          d.last_run, d.last_at, d.last_ms, d.last_outcome, d.last_code, d.last_detail, d.last_sent
        FROM ${sourceOf(query, isScarce)}
        WHERE ${conditions.join(' AND ')}
        ORDER BY ${order} LIMIT ?
      ) AS page
      LEFT JOIN attempts AS a ON a.delivery = page.id
      ORDER BY page.id DESC, a.n`,
    values: [...values, limit],
  }
}
