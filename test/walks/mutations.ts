/** A rule of the engine, and how its source is changed to take it out. */
export interface Mutation {
  readonly rule: string
  readonly file: string
  readonly from: string
  readonly to: string
}

const RUNNER = 'core/src/dispatcher/runner.ts'
const LANE = 'core/src/dispatcher/lane.ts'
const GATE = 'core/src/dispatcher/gate.ts'
const DECIDE = 'core/src/dispatcher/decide.ts'
const STATEMENTS = 'store/src/statements.ts'
const LOST = 'core/src/store/lost-run.ts'

/** The rules that the walks guard; numbers are those of the delivery semantics. */
export const MUTATIONS: readonly Mutation[] = [
  {
    rule: '3: begin is stored before the first byte where a repeat is held',
    file: RUNNER,
    from: 'if (marked.length === 0) return',
    to: 'if (marked.length >= 0) return',
  },
  {
    rule: '3: a run that had begun ends as unknown where a repeat is held',
    file: LOST,
    from: "if (marked === 'hold') return",
    to: "if (marked === 'alone') return",
  },
  {
    rule: '4: what ended with its process twice runs alone',
    file: LANE,
    from: 'only?.alone ? this.#runAlone(only, free) :',
    to: '',
  },
  {
    rule: '4: only a loss while alone counts',
    file: LOST,
    from: "marked === 'alone' ? lost + 1 : lost",
    to: 'lost + 1',
  },
  {
    rule: '4: the fifth loss alone ends it',
    file: LOST,
    from: 'losses >= MOST_LOSSES_ALONE',
    to: 'losses >= 500',
  },
  {
    rule: '5: on_unknown: hold rests',
    file: DECIDE,
    from: "if (settings.on_unknown === 'hold' || counts.unknowns",
    to: 'if (counts.unknowns',
  },
  {
    rule: '7: the run rises at every hand-out',
    file: STATEMENTS,
    from: 'UPDATE deliveries SET held = ?, run = run + 1\n',
    to: 'UPDATE deliveries SET held = ?, run = run + 0\n',
  },
  {
    rule: '7: a lost run leaves a row of history',
    file: 'store/src/sqlite.ts',
    from: '    addAttempt(db, id, attempt)\n',
    to: '',
  },
  {
    rule: '8: what is held by a process that is gone is freed at the start',
    file: 'store/src/sqlite.ts',
    from: '        recover(file.writer, now)\n',
    to: '',
  },
  {
    rule: '8: what is held without being in memory is released',
    file: LANE,
    from: 'ghosts.length === 0 ? Promise.resolve()',
    to: 'ghosts.length >= 0 ? Promise.resolve()',
  },
  {
    rule: '1: a registration that is known is accepted once',
    file: 'store/src/accepting.ts',
    from: 'isTest ? NOBODY : repeatOf(db, recent, keys, historical)',
    to: 'NOBODY',
  },
  {
    rule: '1: a backfill gives only what was never given',
    file: 'store/src/backfilling.ts',
    from: 'WHERE ${OF_EVENT} AND connector = ?)\n',
    to: "WHERE ${OF_EVENT} AND connector = ? AND state = 'open')\n",
  },
  {
    rule: '1: what a backfill gave is known when it is deleted',
    file: 'store/src/forgetting.ts',
    from: "if (integer(row, 'historical') === 1) db.run(SQL.closeHistorical, seq, ...range)",
    to: '',
  },
  {
    rule: '2: a live registration is skipped where its historical one was given',
    file: 'store/src/accepting.ts',
    from: 'given.has(birth.connector)',
    to: 'given.has(0)',
  },
  {
    rule: '2: a historical registration in whose place a live one came is backfilled no more',
    file: 'store/src/backfilling.ts',
    from: ' AND e.replaced = 0\n',
    to: '\n',
  },
  {
    rule: '6: nothing starts while the gate is closed, but a canary',
    file: GATE,
    from: 'return (this.#parked === null || this.isCanary(run)) && !this.#isShut(now)',
    to: 'return !this.#isShut(now)',
  },
  {
    rule: '6: one canary at a time',
    file: LANE,
    from: 'if (isParked) return this.#sendCanary(now)',
    to: 'if (false) return this.#sendCanary(now)',
  },
  {
    rule: '6: nothing starts while an operator keeps the gate closed',
    file: GATE,
    from: 'return this.#paused || this.#throttledUntil > now',
    to: 'return this.#throttledUntil > now',
  },
  {
    rule: '6: a canary opens the gate',
    file: 'core/src/dispatcher/gate-after.ts',
    from: 'if (isMended(outcome, at.parked)) return null',
    to: 'if (isMended(outcome, at.parked)) return undefined',
  },
  {
    rule: '10: nothing of a user who was forgotten starts from memory',
    file: 'core/src/dispatcher/dispatcher.ts',
    from: 'for (const delivery of forgotten.deliveries) this.#forgotten.add(delivery)',
    to: '',
  },
  {
    rule: '10: forgetting raises the run and frees it',
    file: 'store/src/forgetting.ts',
    from: "SET state = 'skipped', due = ?, held = 0, run = run + 1\n",
    to: "SET state = 'open', due = ?, held = 0\n",
  },
  {
    rule: '12: a result that the store refused is kept and stored later',
    file: 'core/src/dispatcher/insist.ts',
    from: 'if (stop.aborted) throw error',
    to: 'throw error',
  },
  {
    rule: '19: a rate limit is not counted',
    file: DECIDE,
    from: 'due,\n    counts: countsOf(claim),\n    reason,\n    ...(failure.pause',
    to: 'due,\n    counts: { ...countsOf(claim), tries: claim.tries + 1 },\n    reason,\n    ...(failure.pause',
  },
  {
    rule: '20: what is not stored is not acknowledged, nor sent',
    file: 'core/src/bus.ts',
    from: 'const [accepted] = await this.#append(accept)',
    to: "await this.#append(accept).catch(() => [])\n    const accepted: Accepted | undefined = { kind: 'accepted', id: accept.event.id, held: [] }",
  },
]
