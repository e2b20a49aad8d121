import { isLaterRegistration, type Accept, type Accepted, type EventKeys } from '@onsignup/core/engine'
import { integer, integerOrNull, text } from './columns.ts'
import type { Connection } from './connection.ts'
import { SQL } from './statements.ts'

/** Why it is not a new registration; undefined when it is one. */
const findKnown = (db: Connection, { user, source, createdAt }: EventKeys): Accepted | undefined => {
  const same = db.get(SQL.ofSource, source)
  if (same) {
    return { kind: text(same, 'user_key') === user ? 'duplicate' : 'conflict', id: text(same, 'event_id') }
  }
  const latest = db.get(SQL.latestOfUser, user)
  if (!latest || isLaterRegistration(createdAt, integerOrNull(latest, 'created_at'))) return undefined
  return { kind: 'duplicate', id: text(latest, 'event_id') }
}

/** Stores one event with its deliveries, unless it is known. */
export const accept = (db: Connection, { event, keys, deliveries }: Accept): Accepted => {
  const { id, user, source } = event
  // A test event is never a repeat of another; the ledger, which is kept for ever, need not know it.
  const known = source.test ? undefined : findKnown(db, keys)
  if (known) return known
  const emailKey = user.email?.toLowerCase() ?? null
  const stored = db.get(SQL.addEvent, id, user.id, user.email, emailKey, JSON.stringify(event))
  if (!stored) return { kind: 'duplicate', id }
  const receivedAt = Date.parse(event.receivedAt)
  if (!source.test) db.run(SQL.addToLedger, keys.source, keys.user, id, keys.createdAt, receivedAt)
  for (const { connector, skipped } of deliveries) {
    const state = skipped === null ? 'open' : 'skipped'
    db.run(SQL.addDelivery, integer(stored, 'seq'), connector, state, receivedAt, skipped)
  }
  return { kind: 'accepted', id }
}
