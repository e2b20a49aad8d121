import type { Retried, RetrySelection } from '@onsignup/core/engine'
import { integer, text } from './columns.ts'
import type { Connection, Row } from './connection.ts'
import { SLICE, type Slice } from './slices.ts'
import { PUT_BACK_ONE, putBackState, SQL } from './statements.ts'

/** One delivery by its id. */
export type OneDelivery = Extract<RetrySelection, { readonly delivery: number }>
/** All deliveries of a state. */
export type AllOfState = Exclude<RetrySelection, OneDelivery>

/** Puts one delivery back: open, due now, its counts at zero. */
export const retryOne = (db: Connection, { delivery, again }: OneDelivery, now: number): Retried => {
  const row = db.get(SQL.stateOf, delivery)
  if (!row) return { kind: 'missing' }
  if (!db.get(SQL.hasBody, delivery)) return { kind: 'forgotten' }
  const state = text(row, 'state')
  if (state === 'open') return { kind: integer(row, 'held') === 0 ? 'open' : 'running' }
  if (state === 'delivered' && !again) return { kind: 'delivered' }
  db.run(PUT_BACK_ONE, now, delivery)
  return { kind: 'retried', deliveries: [delivery], connectors: [integer(row, 'connector')] }
}

/** Puts back the next slice of a state after an id, and adds its rows to `rows`. */
export const retrySlice = (
  db: Connection,
  { state, connector }: AllOfState,
  { now, after, rows }: { readonly now: number; readonly after: number; readonly rows: Row[] },
): Slice => {
  const statement = putBackState(state, { ofConnector: connector !== null })
  const name = connector === null ? [] : [connector]
  // UPDATE … RETURNING promises no order.
  const slice = db
    .all(statement, now, after, ...name, SLICE)
    .toSorted((a, b) => integer(a, 'id') - integer(b, 'id'))
  rows.push(...slice)
  return { count: slice.length, last: integer(slice.at(-1) ?? { id: after }, 'id') }
}

/** What was put back, of the rows of all slices. */
export const retriedOf = (rows: readonly Row[]): Retried => ({
  kind: 'retried',
  deliveries: rows.map((row) => integer(row, 'id')),
  connectors: [...new Set(rows.map((row) => integer(row, 'connector')))],
})
