import {
  shownState,
  type AttemptRecord,
  type DeliveryQuery,
  type DeliveryState,
  type DeliveryView,
} from '@onsignup/core/engine'
import { integer, text, textOrNull, word } from './columns.ts'
import type { Connection, Row } from './connection.ts'
import { parkedOf } from './connectors.ts'
import { listDeliveries } from './statements.ts'

const STATES: readonly DeliveryState[] = ['open', 'delivered', 'skipped', 'unknown', 'dead']

const OUTCOMES: readonly AttemptRecord['outcome'][] = [
  'delivered',
  'skipped',
  'retry',
  'throttled',
  'misconfigured',
  'rejected',
  'unknown',
  'lost',
]

const attemptOf = (row: Row): AttemptRecord => ({
  run: integer(row, 'run'),
  at: integer(row, 'at'),
  ms: integer(row, 'ms'),
  outcome: word(row, 'outcome', OUTCOMES),
  code: textOrNull(row, 'code'),
  detail: textOrNull(row, 'detail'),
})

const viewOf = (row: Row, attempts: readonly AttemptRecord[], now: number): DeliveryView => {
  const state = word(row, 'state', STATES)
  const due = integer(row, 'due')
  const connector = { parked: parkedOf(row), current: integer(row, 'current') === 1 }
  return {
    id: integer(row, 'id'),
    event: text(row, 'event'),
    connector: text(row, 'name'),
    state: shownState({ state, held: integer(row, 'held') !== 0, due }, connector, now),
    user: { id: text(row, 'user_id'), email: textOrNull(row, 'email') },
    due: state === 'open' ? due : null,
    reason: textOrNull(row, 'reason'),
    tries: integer(row, 'tries'),
    attempts,
  }
}

/** A page of deliveries, newest first, each with its history, in one statement. */
export const list = (db: Connection, query: DeliveryQuery, now: number): readonly DeliveryView[] => {
  const { sql, values } = listDeliveries(query, now)
  const views = new Map<number, { readonly row: Row; readonly attempts: AttemptRecord[] }>()
  for (const row of db.all(sql, ...values)) {
    const id = integer(row, 'id')
    const view = views.get(id) ?? { row, attempts: [] }
    views.set(id, view)
    if (row['run'] !== null) view.attempts.push(attemptOf(row))
  }
  return [...views.values()].map(({ row, attempts }) => viewOf(row, attempts, now))
}
