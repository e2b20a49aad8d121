import {
  isLaterRegistration,
  type Accept,
  type Accepted,
  type EventKeys,
  type Newborn,
} from '@onsignup/core/engine'
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

const NEVER_TRIED = {
  generation: 0,
  suspect: false,
  tries: 0,
  unknowns: 0,
  strikes: 0,
  failingSince: null,
} as const

/** Stores one event with its deliveries, unless it is known. */
export const accept = (db: Connection, epoch: number, { event, keys, deliveries }: Accept): Accepted => {
  const { id, user, source } = event
  // A test event is never a repeat of another; the ledger, which is kept for ever, need not know it.
  const known = source.test ? undefined : findKnown(db, keys)
  if (known) return known
  const emailKey = user.email?.toLowerCase() ?? null
  const stored = db.get(SQL.addEvent, id, user.id, user.email, emailKey, JSON.stringify(event))
  if (!stored) return { kind: 'duplicate', id }
  const receivedAt = Date.parse(event.receivedAt)
  if (!source.test) db.run(SQL.addToLedger, keys.source, keys.user, id, keys.createdAt, receivedAt)
  const held: Newborn[] = []
  for (const { connector, skipped, hold = false } of deliveries) {
    const state = skipped === null ? 'open' : 'skipped'
    const born = [integer(stored, 'seq'), connector, state, receivedAt, skipped] as const
    const row = db.get(SQL.addDelivery, ...born, ...(hold ? [epoch, 1] : [0, 0]))
    if (hold && row) held.push({ ...NEVER_TRIED, delivery: integer(row, 'id'), run: 1, event, connector })
  }
  return { kind: 'accepted', id, held }
}
