import type { Retried, RetrySelection } from '@onsignup/core/engine'
import { integer, text } from './columns.ts'
import type { Connection } from './connection.ts'
import { PUT_BACK_ONE, putBackState, putBackStateOfConnector, SQL } from './statements.ts'

const retryOne = (
  db: Connection,
  { delivery, again }: Extract<RetrySelection, { readonly delivery: number }>,
  now: number,
): Retried => {
  const row = db.get(SQL.stateOf, delivery)
  if (!row) return { kind: 'missing' }
  const state = text(row, 'state')
  if (state === 'open') return { kind: integer(row, 'held') === 0 ? 'open' : 'running' }
  if (state === 'delivered' && !again) return { kind: 'delivered' }
  db.run(PUT_BACK_ONE, now, delivery)
  return { kind: 'retried', deliveries: [delivery], connectors: [integer(row, 'connector')] }
}

/** Puts the selected deliveries back: open, due now, their counts at zero. */
export const retry = (db: Connection, selection: RetrySelection, now: number): Retried => {
  if ('delivery' in selection) return retryOne(db, selection, now)
  const { state, connector } = selection
  const rows =
    connector === null
      ? db.all(putBackState(state), now)
      : db.all(putBackStateOfConnector(state), now, connector)
  const ordered = rows.toSorted((a, b) => integer(a, 'id') - integer(b, 'id'))
  return {
    kind: 'retried',
    deliveries: ordered.map((row) => integer(row, 'id')),
    connectors: [...new Set(ordered.map((row) => integer(row, 'connector')))],
  }
}
