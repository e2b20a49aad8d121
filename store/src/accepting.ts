import {
  isLaterRegistration,
  type Accept,
  type Accepted,
  type EventKeys,
  type Newborn,
} from '@onsignup/core/engine'
import type { SQLInputValue } from 'node:sqlite'
import { integerOrNull, text } from './columns.ts'
import type { Connection } from './connection.ts'
import { DELIVERIES_PER_EVENT } from './schema.ts'
import { addDeliveries, SQL } from './statements.ts'

const ofSource = (db: Connection, { user, source }: EventKeys): Accepted | undefined => {
  const same = source === null ? undefined : db.get(SQL.ofSource, source)
  if (!same) return undefined
  return { kind: text(same, 'user_key') === user ? 'duplicate' : 'conflict', id: text(same, 'event_id') }
}

const ofUser = (db: Connection, { user, createdAt }: EventKeys): Accepted | undefined => {
  const latest = db.get(SQL.latestOfUser, user) ?? {}
  return isLaterRegistration(createdAt, integerOrNull(latest, 'created_at'))
    ? undefined
    : { kind: 'duplicate', id: text(latest, 'event_id') }
}

/** Writes a registration down for ever; what is returned instead is why it is none. */
const enter = (db: Connection, id: string, keys: EventKeys, receivedAt: number): Accepted | undefined => {
  const { user, source, createdAt } = keys
  if (db.run(SQL.addToLedger, user, id, createdAt, receivedAt) === 0) {
    const known = ofUser(db, keys)
    if (known) return known
    db.run(SQL.registeredAnew, id, createdAt, receivedAt, user)
  }
  if (source !== null) db.run(SQL.addSource, source, user, id)
  return undefined
}

const NEVER_TRIED = {
  generation: 0,
  suspect: false,
  alone: false,
  tries: 0,
  unknowns: 0,
  strikes: 0,
  failingSince: null,
} as const

/** Stores one event with its deliveries, unless it is known. */
export const accept = (
  db: Connection,
  epoch: number,
  { event, body, keys, deliveries }: Accept,
): Accepted => {
  const { id, user, source } = event
  const receivedAt = Date.parse(event.receivedAt)
  // A test event is never a repeat of another; the ledger, which is kept for ever, need not know it.
  const repeated = source.test ? undefined : ofSource(db, keys)
  if (repeated) return repeated
  const emailKey = user.email?.toLowerCase() ?? null
  const names = [user.id, user.email, emailKey === user.email ? null : emailKey]
  const seq = db.insert(SQL.addEvent, id, receivedAt, ...names)
  if (seq === null) return { kind: 'duplicate', id }
  const known = source.test ? undefined : enter(db, id, keys, receivedAt)
  if (known) {
    db.run(SQL.dropEvent, seq)
    return known
  }
  db.run(SQL.addBody, seq, body)
  const held: Newborn[] = []
  const values: SQLInputValue[] = []
  for (const [place, { connector, skipped, hold = false }] of deliveries.entries()) {
    const delivery = seq * DELIVERIES_PER_EVENT + place
    const state = skipped === null ? 'open' : 'skipped'
    values.push(delivery, connector, state, receivedAt, skipped, ...(hold ? [epoch, 1] : [0, 0]))
    if (hold) held.push({ ...NEVER_TRIED, delivery, run: 1, event, connector })
  }
  if (deliveries.length > 0) db.run(addDeliveries(deliveries.length), ...values)
  return { kind: 'accepted', id, held }
}
