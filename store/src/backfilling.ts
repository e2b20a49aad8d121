import { WHEN_IDLE, type Period } from '@onsignup/core/engine'
import { integer } from './columns.ts'
import type { Connection } from './connection.ts'
import { DELIVERIES_PER_EVENT } from './schema.ts'
import { SLICE, type Slice } from './slices.ts'

const OF_EVENT = `id >= e.seq * ${DELIVERIES_PER_EVENT} AND id < (e.seq + 1) * ${DELIVERIES_PER_EVENT}`

// A body that is no JSON is in no period; without one, its delivery says that it cannot be read.
const OCCURRED_AT = `CASE WHEN json_valid(b.body) THEN json_extract(b.body, '$.occurredAt') END`

/** Events after a seq and up to another that a connector was never given. */
const missing = (isLimited: boolean): string => `
  FROM events AS e ${isLimited ? 'JOIN bodies AS b ON b.event = e.seq' : ''}
  WHERE e.seq > ? AND e.seq <= ? AND e.user_key IS NOT NULL AND e.user_id IS NOT NULL AND e.replaced = 0
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE ${OF_EVENT} AND connector = ?)
    ${isLimited ? `AND ${OCCURRED_AT} >= ? AND ${OCCURRED_AT} < ?` : ''}`

const SQL = {
  newest: `SELECT coalesce(max(seq), 0) AS seq FROM events`,
  slice: `
    SELECT count(*) AS count, coalesce(max(seq), 0) AS last FROM (
      SELECT seq FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?
    ) AS slice`,
  count: (isLimited: boolean) => `SELECT count(*) AS missing ${missing(isLimited)}`,
  add: (isLimited: boolean) => `
    INSERT INTO deliveries (id, connector, state, due)
    SELECT coalesce((SELECT max(id) + 1 FROM deliveries WHERE ${OF_EVENT}), e.seq * ${DELIVERIES_PER_EVENT}),
      ?, 'open', ${WHEN_IDLE}
    ${missing(isLimited)}`,
} as const

const FIRST = Date.parse('0000-01-01T00:00:00.000Z')
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

/** A time as events have theirs: of the years that these may have, the order of their characters is that of time. */
const asStored = (time: number): string => {
  if (time < FIRST) return ''
  return time > LAST ? '~' : new Date(time).toISOString()
}

/** The values of a period; none when it leaves nothing out. */
const limitsOf = ({ since, until }: Period): readonly string[] =>
  since === null && until === null ? [] : [asStored(since ?? -Infinity), asStored(until ?? Infinity)]

export const newestEvent = (db: Connection): number => integer(db.get(SQL.newest) ?? {}, 'seq')

/** Which events a connector is to be given. */
export interface Backfill {
  readonly connector: number
  readonly period: Period
  /** The newest of them. */
  readonly upTo: number
}

/** A slice of events, and how many of them the connector was never given. */
export interface SliceOfMissing extends Slice {
  readonly missing: number
}

const sliceOf = (db: Connection, upTo: number, after: number): Slice => {
  const row = db.get(SQL.slice, after, upTo, SLICE) ?? {}
  return { count: integer(row, 'count'), last: integer(row, 'last') }
}

/** Counts in the next slice of events. */
export const countSlice = (
  db: Connection,
  { connector, period, upTo }: Backfill,
  after: number,
): SliceOfMissing => {
  const slice = sliceOf(db, upTo, after)
  const limits = limitsOf(period)
  const row = db.get(SQL.count(limits.length > 0), after, slice.last, connector, ...limits) ?? {}
  return { ...slice, missing: integer(row, 'missing') }
}

/** Adds the deliveries of the next slice of events. */
export const backfillSlice = (
  db: Connection,
  { connector, period, upTo }: Backfill,
  after: number,
): SliceOfMissing => {
  const slice = sliceOf(db, upTo, after)
  const limits = limitsOf(period)
  const missing = db.run(SQL.add(limits.length > 0), connector, after, slice.last, connector, ...limits)
  return { ...slice, missing }
}
