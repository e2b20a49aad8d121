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
import type { EventKnown, RecentEvents } from './recent-events.ts'
import { DELIVERIES_PER_EVENT } from './schema.ts'
import { addDeliveries, SQL } from './statements.ts'

const ofSource = (
  db: Connection,
  recent: RecentEvents,
  { user, source }: EventKeys,
): Accepted | undefined => {
  if (source === null) return undefined
  const kindOf = (other: string | null) => (other === user ? 'duplicate' : 'conflict')
  const fresh = recent.ofSource(source)
  if (fresh) return { kind: kindOf(fresh.user), id: fresh.id }
  const row = db.get(SQL.ofSource, source)
  return row && { kind: kindOf(text(row, 'user_key')), id: text(row, 'event_id') }
}

const latestOf = (
  db: Connection,
  recent: RecentEvents,
  user: string,
): Pick<EventKnown, 'id' | 'createdAt'> | undefined => {
  const row = recent.ofUser(user) === undefined ? db.get(SQL.latestOfUser, user) : undefined
  return row
    ? { id: text(row, 'event_id'), createdAt: integerOrNull(row, 'created_at') }
    : recent.ofUser(user)
}

/** Why it is no new registration. */
const repeatOf = (db: Connection, recent: RecentEvents, keys: EventKeys): Accepted | undefined => {
  const same = ofSource(db, recent, keys)
  if (same) return same
  const latest = latestOf(db, recent, keys.user)
  if (!latest || isLaterRegistration(keys.createdAt, latest.createdAt)) return undefined
  return { kind: 'duplicate', id: latest.id }
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
  recent: RecentEvents,
  epoch: number,
  { event, body, keys, deliveries }: Accept,
): Accepted => {
  const { id } = event
  const isTest = event.source.test
  const repeated = isTest ? undefined : repeatOf(db, recent, keys)
  if (repeated) return repeated
  const receivedAt = Date.parse(event.receivedAt)
  const { user, source, createdAt } = isTest ? { user: null, source: null, createdAt: null } : keys
  const email = event.user.email
  const emailKey = email?.toLowerCase() ?? null
  const names = [event.user.id, email, emailKey === email ? null : emailKey]
  const seq = db.insert(SQL.addEvent, id, user, source, createdAt, receivedAt, ...names)
  recent.add({ seq, id, receivedAt, user, source, createdAt })
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
