import {
  FORGOTTEN,
  WHEN_IDLE,
  shownReason,
  shownState,
  type AttemptRecord,
  type DeliveryQuery,
  type DeliveryState,
  type DeliveryView,
  type ShownState,
} from '@onsignup/core/engine'
import { integer, text, textOrNull, word } from './columns.ts'
import type { Connection, Row } from './connection.ts'
import { allConnectors } from './connectors.ts'
import { SQL } from './statements.ts'
import { countFree, isFree, listDeliveries, type Statement } from './list-statements.ts'

const STATES: readonly DeliveryState[] = ['open', 'delivered', 'skipped', 'unknown', 'dead']

/** This few are sorted at once; of more, some are found among the newest deliveries. */
const SCARCE = 1_000

const ABANDONED = 'its process ended before a result was stored; the next start takes it up'

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

const attemptOf = (row: Row, prefix: '' | 'last_'): AttemptRecord => {
  const sent = textOrNull(row, `${prefix}sent`)
  return {
    run: integer(row, `${prefix}run`),
    at: integer(row, `${prefix}at`),
    ms: integer(row, `${prefix}ms`),
    outcome: word(row, `${prefix}outcome`, OUTCOMES),
    code: textOrNull(row, `${prefix}code`),
    detail: textOrNull(row, `${prefix}detail`),
    ...(sent !== null && { sent }),
  }
}

type Connector = ReturnType<typeof allConnectors>[number]

/** Whether a connector may have deliveries that are shown in this state. */
const canShow = ({ current, parked, paused }: Connector, state: ShownState): boolean => {
  if (state === 'orphaned') return !current
  if (state === 'running') return current
  if (state === 'paused') return current && paused !== null
  if (state === 'parked') return current && paused === null && parked !== null
  if (state === 'pending' || state === 'waiting') return current && paused === null && parked === null
  return true
}

const viewOf = (
  row: Row,
  { name, ...gate }: Connector,
  { now, abandoned }: { readonly now: number; readonly abandoned: boolean },
): Omit<DeliveryView, 'attempts'> => {
  const state = word(row, 'state', STATES)
  const due = integer(row, 'due')
  const held = integer(row, 'held') !== 0
  const shown = shownState({ state, held: held && !abandoned, due }, gate, now)
  const reason = held && abandoned ? ABANDONED : textOrNull(row, 'reason')
  return {
    id: integer(row, 'id'),
    event: text(row, 'event'),
    connector: name,
    state: shown,
    user: { id: textOrNull(row, 'user_id') ?? FORGOTTEN, email: textOrNull(row, 'email') },
    due: state === 'open' && due !== WHEN_IDLE ? due : null,
    reason: shownReason(shown, reason, gate),
    tries: integer(row, 'tries'),
  }
}

/** Whether anything is held. */
export const holdsAny = (db: Connection): boolean => db.get(SQL.anyHeld) !== undefined

/**
 * A page of deliveries, newest first, each with its history. `abandoned`: who holds what is held is gone, so that
 * nothing runs; the next start frees it.
 */
export const list = (
  db: Connection,
  query: DeliveryQuery,
  now: number,
  { abandoned = false } = {},
): readonly DeliveryView[] => {
  const { state, connector: name } = query
  if (abandoned && state === 'running') return []
  const all = new Map(allConnectors(db).map((row) => [row.id, row]))
  const connectors = [...all]
    .filter(
      ([, row]) => (name === undefined || row.name === name) && (state === undefined || canShow(row, state)),
    )
    .map(([id]) => id)
  if (connectors.length === 0) return []
  // What is abandoned is not in the index by due time.
  const isScarce =
    !abandoned &&
    isFree(state) &&
    countUpTo(db, countFree(state, now, { connectors, limit: SCARCE })) < SCARCE
  const { sql, values } = listDeliveries(query, now, { connectors, isScarce, abandoned })
  const views: Omit<DeliveryView, 'attempts'>[] = []
  const histories = new Map<number, AttemptRecord[]>()
  for (const row of db.all(sql, ...values)) {
    const id = integer(row, 'id')
    const connector = all.get(integer(row, 'connector'))
    if (!connector) continue
    const history = histories.get(id) ?? []
    if (!histories.has(id)) {
      views.push(viewOf(row, connector, { now, abandoned }))
      histories.set(id, history)
      if (row['last_run'] !== null) history.push(attemptOf(row, 'last_'))
    }
    if (row['run'] !== null) history.splice(-1, 0, attemptOf(row, ''))
  }
  const outputs = query.delivery === undefined ? [] : db.all(SQL.outputsOf, query.delivery)
  const withOutput = (attempt: AttemptRecord): AttemptRecord => {
    const row = outputs.find((each) => each['run'] === attempt.run && each['at'] === attempt.at)
    return row ? { ...attempt, output: text(row, 'output') } : attempt
  }
  return views.map((view) => ({ ...view, attempts: (histories.get(view.id) ?? []).map(withOutput) }))
}

const countUpTo = (db: Connection, { sql, values }: Statement): number =>
  integer(db.get(sql, ...values) ?? {}, 'free')
