import {
  isLaterRegistration,
  withoutGiven,
  type Accept,
  type Accepted,
  type EventKeys,
  type Newborn,
} from '@onsignup/core/engine'
import type { SQLInputValue } from 'node:sqlite'
import { integer, integerOrNull, text } from './columns.ts'
import type { Connection } from './connection.ts'
import type { EventKnown, RecentEvents } from './recent-events.ts'
import { DELIVERIES_PER_EVENT, idsOf } from './schema.ts'
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
): Pick<EventKnown, 'id' | 'createdAt' | 'historical'> | undefined => {
  const row = recent.ofUser(user) === undefined ? db.get(SQL.latestOfUser, user) : undefined
  return row
    ? {
        id: text(row, 'event_id'),
        createdAt: integerOrNull(row, 'created_at'),
        historical: integer(row, 'historical') === 1,
      }
    : recent.ofUser(user)
}

/** Connectors that were given a registration before. */
type Given = ReadonlySet<number>

const NOBODY: Given = new Set()

/**
 * Takes the place of a historical registration; the result is whom a backfill gave that. Undefined when its user was
 * forgotten, so that nothing is to come of it any more.
 */
const replaced = (db: Connection, id: string, recentSeq: number | null): Given | undefined => {
  const row = db.get(SQL.historicalEvent, recentSeq, id)
  // It was deleted as an old one that was given to nobody.
  if (!row) return NOBODY
  if (integer(row, 'is_forgotten') === 1) return undefined
  const seq = integer(row, 'seq')
  db.run(SQL.replace, seq)
  return new Set(db.all(SQL.connectorsOf, ...idsOf(seq)).map((each) => integer(each, 'connector')))
}

/** Why it is no new registration, or to whom it was given before. */
const repeatOf = (
  db: Connection,
  recent: RecentEvents,
  keys: EventKeys,
  isHistorical: boolean,
): Accepted | Given => {
  const same = ofSource(db, recent, keys)
  if (same) return same
  const latest = latestOf(db, recent, keys.user)
  if (!latest || isLaterRegistration(keys.createdAt, latest.createdAt)) return NOBODY
  const repeat: Accepted = { kind: 'duplicate', id: latest.id }
  if (!latest.historical || isHistorical) return repeat
  return replaced(db, latest.id, recent.ofUser(keys.user)?.seq ?? null) ?? repeat
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
  const { test: isTest, historical } = event.source
  const given = isTest ? NOBODY : repeatOf(db, recent, keys, historical)
  if ('kind' in given) return given
  const receivedAt = Date.parse(event.receivedAt)
  const { user, source, createdAt } = isTest ? { user: null, source: null, createdAt: null } : keys
  const email = event.user.email
  const emailKey = email?.toLowerCase() ?? null
  const names = [event.user.id, email, emailKey === email ? null : emailKey]
  const seq = db.insert(SQL.addEvent, id, user, source, createdAt, receivedAt, historical ? 1 : 0, ...names)
  recent.add({ seq, id, receivedAt, user, source, createdAt, historical })
  db.run(SQL.addBody, seq, body)
  const held: Newborn[] = []
  const values: SQLInputValue[] = []
  const births = withoutGiven(deliveries, given)
  for (const [place, { connector, skipped, hold = false }] of births.entries()) {
    const delivery = seq * DELIVERIES_PER_EVENT + place
    const state = skipped === null ? 'open' : 'skipped'
    values.push(delivery, connector, state, receivedAt, skipped, ...(hold ? [epoch, 1] : [0, 0]))
    if (hold) held.push({ ...NEVER_TRIED, delivery, run: 1, event, connector })
  }
  if (births.length > 0) db.run(addDeliveries(births.length), ...values)
  return { kind: 'accepted', id, held }
}
