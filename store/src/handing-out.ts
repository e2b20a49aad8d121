import type { AttemptRecord, BeginMark, Claim, HeldRun, RunRef, Settlement } from '@onsignup/core/engine'
import { readBody } from './body.ts'
import { integer, integerOrNull, text } from './columns.ts'
import type { Connection, Row } from './connection.ts'
import { changeGate } from './connectors.ts'
import { SQL } from './statements.ts'

/** Adds to a delivery's history; does nothing when there is no such delivery. */
export const addAttempt = (db: Connection, delivery: number, attempt: AttemptRecord): void => {
  const { run, at, ms, outcome, code, detail, sent = null } = attempt
  db.run(SQL.keepLast, delivery)
  const changed = db.run(SQL.setLast, run, at, ms, outcome, code, detail, sent, delivery)
  if (changed > 0) addOutput(db, delivery, attempt)
}

const addOutput = (db: Connection, delivery: number, { run, at, output }: AttemptRecord): void => {
  if (output !== undefined) db.run(SQL.addOutput, delivery, run, at, output)
}

/** Adds what came late to a delivery's history, unless its user was forgotten. */
export const note = (db: Connection, delivery: number, attempt: AttemptRecord): void => {
  if (db.get(SQL.hasBody, delivery)) addAttempt(db, delivery, attempt)
}

const countsOf = (row: Row) => ({
  tries: integer(row, 'tries'),
  unknowns: integer(row, 'unknowns'),
  strikes: integer(row, 'strikes'),
  failingSince: integerOrNull(row, 'failing_since'),
})

/** Ends a delivery whose event no attempt could read, so that it holds nobody else back. */
const bury = (db: Connection, epoch: number, row: Row, now: number): void => {
  const reason = 'the stored event cannot be read'
  const run = integer(row, 'run')
  settle(db, epoch, {
    delivery: integer(row, 'id'),
    run,
    state: 'dead',
    due: now,
    counts: countsOf(row),
    reason,
    suspect: false,
    attempt: { run, at: now, ms: 0, outcome: 'rejected', code: 'unreadable', detail: reason },
    gate: null,
  })
}

interface Claiming {
  readonly connector: number
  readonly now: number
  readonly limit: number
}

/** The due deliveries of a connector, oldest due first, now held by this epoch. */
export const claim = (db: Connection, epoch: number, { connector, now, limit }: Claiming): readonly Claim[] =>
  claimsOf(db, epoch, db.all(SQL.claim, epoch, connector, now, limit), now)

/** Those that are due when nothing else is, now held by this epoch. None is left when there are none. */
export const claimIdle = (
  db: Connection,
  epoch: number,
  { connector, now, limit }: Claiming,
): readonly Claim[] => {
  for (;;) {
    const rows = db.all(SQL.claimIdle, epoch, connector, limit)
    const claims = claimsOf(db, epoch, rows, now)
    if (claims.length > 0 || rows.length === 0) return claims
  }
}

const claimsOf = (db: Connection, epoch: number, rows: readonly Row[], now: number): readonly Claim[] => {
  // UPDATE … RETURNING promises no order.
  const ordered = rows.toSorted(
    (a, b) => integer(a, 'due') - integer(b, 'due') || integer(a, 'id') - integer(b, 'id'),
  )
  return ordered.flatMap((row): Claim[] => {
    const event = readBody(text(row, 'body'))
    if (event === null) {
      bury(db, epoch, row, now)
      return []
    }
    return [
      {
        delivery: integer(row, 'id'),
        run: integer(row, 'run'),
        event,
        generation: integer(row, 'generation'),
        suspect: integer(row, 'suspect') === 1,
        alone: integer(row, 'alone') === 1,
        ...countsOf(row),
      },
    ]
  })
}

/** Tells whether the run was still the current one; if not, nothing was changed. */
export const settle = (db: Connection, epoch: number, settlement: Settlement): boolean => {
  const { delivery, run, state, due, counts, reason, suspect, attempt, gate } = settlement
  const { tries, unknowns, strikes, failingSince } = counts
  // A first run has no history before it.
  if (run > 1) {
    if (!db.get(SQL.isCurrent, delivery, run, epoch)) return false
    db.run(SQL.keepLast, delivery)
  }
  const changed = db.run(
    SQL.settle,
    ...[state, due, tries, unknowns, strikes, failingSince, reason, suspect ? 1 : 0],
    ...[attempt.at, attempt.ms, attempt.outcome, attempt.code, attempt.detail, attempt.sent ?? null],
    ...[delivery, run, epoch],
  )
  if (changed === 0) return false
  addOutput(db, delivery, { ...attempt, run })
  if (gate) changeGate(db, gate)
  return true
}

/** What this epoch holds. */
export const held = (db: Connection, epoch: number): readonly HeldRun[] =>
  db.all(SQL.held, epoch).map((row) => ({
    delivery: integer(row, 'id'),
    run: integer(row, 'run'),
    connector: integer(row, 'connector'),
  }))

export const begin = (db: Connection, epoch: number, { delivery, run }: RunRef, mark: BeginMark): void => {
  db.run(SQL.begin, mark, delivery, run, epoch)
}

export const release = (
  db: Connection,
  epoch: number,
  { delivery, run }: RunRef,
  due: number | undefined,
): void => {
  db.run(SQL.release, due ?? null, delivery, run, epoch)
}
