import type { ConfiguredConnector } from '../connector.ts'
import { formatDuration } from '../duration.ts'
import { Failure, type Outcome } from '../outcome.ts'
import type { Random } from '../ports.ts'
import type { Redact } from '../secrets.ts'
import type { AttemptRecord, Claim, Counts, DeliveryState, Parked, Settlement } from '../store/port.ts'
import { backoff } from './backoff.ts'
import { withMend } from '../store/view.ts'
import { brief, messageChain, printed } from './describe.ts'
import { FAILING, gateAfter, parkedBy } from './gate-after.ts'
import { isNoAnswer } from './no-answer.ts'

/** A far side that asks for more is asked again after this, and the operator sees why. */
const LONGEST_WAIT = 86_400_000
const DEFAULT_THROTTLE = 30_000
/** A delivery that closed the gate this often, while others went through between, is itself the fault. */
const MOST_STRIKES = 3

/** What is true around the attempt that ended. Epoch milliseconds. */
export interface Circumstances {
  readonly connector: ConfiguredConnector
  /** The connector's row. */
  readonly row: number
  readonly startedAt: number
  readonly now: number
  readonly random: Random
  readonly redact: Redact
  /** The hash of what was sent; undefined when the plugin did not tell. */
  readonly sent: string | undefined
  /** The gate as it is now. */
  readonly parked: Parked | null
  /** Whether this is the one attempt that tests the closed gate. */
  readonly isCanary: boolean
  /** How many attempts of the connector in a row got no answer, this one included. */
  readonly silences: number
  /** When the gate last opened: what failed before does not age. */
  readonly released: number | null
  /** Whether any delivery of the connector succeeded since its gate last closed. */
  readonly othersSucceed: boolean
  /** The engine cut the attempt because it stops: nothing is counted. */
  readonly stopping: boolean
}

/** What becomes of the delivery. */
export interface Verdict {
  readonly state: DeliveryState
  readonly due: number
  readonly counts: Counts
  readonly reason: string | null
  /** It may have been sent, and nothing else tells the next attempt so. */
  readonly suspect?: true
  readonly parked?: Parked
  readonly throttledUntil?: number
}

const countsOf = ({ tries, unknowns, strikes, failingSince }: Claim): Counts => ({
  tries,
  unknowns,
  strikes,
  failingSince,
})

/** Whole milliseconds until the far side wants to be asked again; undefined when it does not say, or not a time. */
const askedFor = ({ after }: Failure): number | undefined =>
  Number.isFinite(after) ? Math.min(Math.ceil(Math.max(0, after ?? 0)), LONGEST_WAIT) : undefined

/** Since when it fails without having been held back by the gate. */
const failingSince = (claim: Claim, { now, released, parked }: Circumstances): number => {
  const heldBack = parked !== null || (claim.failingSince ?? 0) < (released ?? 0)
  return heldBack ? now : (claim.failingSince ?? now)
}

const failed = (claim: Claim, failure: Failure, reason: string, at: Circumstances): Verdict => {
  const { retry } = at.connector.settings
  const counts = { ...countsOf(claim), tries: claim.tries + 1, failingSince: failingSince(claim, at) }
  const age = at.now - counts.failingSince
  const dead = (why: string): Verdict => ({ state: 'dead', due: at.now, counts, reason: `${why}: ${reason}` })
  if (counts.tries >= retry.max_attempts) return dead(`given up after ${counts.tries} tries`)
  if (age >= retry.max_age) return dead(`given up after ${formatDuration(age)}`)
  const wait = Math.max(askedFor(failure) ?? 0, backoff(counts.tries, retry, at.random))
  return { state: 'open', due: at.now + wait, counts, reason }
}

/** Whether it was only found that the far side still does not answer, which is not this delivery's fault. */
const testsSilence = (failure: Failure, at: Circumstances): boolean =>
  at.isCanary && at.parked?.code === FAILING && isNoAnswer(failure)

const uncounted = (claim: Claim, failure: Failure, reason: string, at: Circumstances): Verdict => ({
  state: 'open',
  due: at.now + (askedFor(failure) ?? 0),
  counts: countsOf(claim),
  reason,
})

const lostAnswer = (claim: Claim, failure: Failure, reason: string, at: Circumstances): Verdict => {
  const { repeats, settings } = at.connector
  if (repeats === 'harmless') {
    return testsSilence(failure, at)
      ? uncounted(claim, failure, reason, at)
      : failed(claim, failure, reason, at)
  }
  const counts = { ...countsOf(claim), unknowns: claim.unknowns + 1 }
  if (settings.on_unknown === 'hold' || counts.unknowns > settings.unknown_repeats) {
    return { state: 'unknown', due: at.now, counts, reason }
  }
  const wait = Math.max(askedFor(failure) ?? 0, backoff(counts.unknowns, settings.retry, at.random))
  return { state: 'open', due: at.now + wait, counts, reason }
}

const park = (claim: Claim, failure: Failure, reason: string, at: Circumstances): Verdict => {
  const strikes = claim.strikes + (at.parked === null && at.othersSucceed ? 1 : 0)
  const counts = { ...countsOf(claim), strikes }
  if (strikes >= MOST_STRIKES) {
    return {
      state: 'dead',
      due: at.now,
      counts,
      reason: `it alone was refused as misconfigured ${strikes} times while others were delivered: ${reason}`,
    }
  }
  return { state: 'open', due: dueWhenParked(claim, at), counts, reason, parked: parkedBy(failure, at) }
}

/** The oldest goes first once the gate opens; one that was a canary goes to the back, so that the next probe takes another. */
const dueWhenParked = ({ event }: Claim, { now, isCanary }: Circumstances): number =>
  isCanary ? now : Math.min(now, Date.parse(event.receivedAt))

const throttle = (claim: Claim, failure: Failure, reason: string, at: Circumstances): Verdict => {
  const due = at.now + (askedFor(failure) ?? DEFAULT_THROTTLE)
  return {
    state: 'open',
    due,
    counts: countsOf(claim),
    reason,
    ...(failure.pause ? { throttledUntil: due } : {}),
  }
}

const verdictOf = (claim: Claim, outcome: Outcome, at: Circumstances): Verdict => {
  const counts = countsOf(claim)
  if (!Failure.is(outcome)) {
    const reason = outcome.kind === 'skipped' ? brief(outcome.reason, at.redact) : null
    return { state: outcome.kind, due: at.now, counts, reason }
  }
  const reason = brief(withMend(messageChain(outcome), outcome.mend ?? null), at.redact)
  switch (outcome.kind) {
    case 'retry':
      return at.stopping || testsSilence(outcome, at)
        ? uncounted(claim, outcome, reason, at)
        : failed(claim, outcome, reason, at)
    case 'unknown':
      return at.stopping &&
        (at.connector.repeats === 'harmless' || at.connector.settings.on_unknown === 'retry')
        ? { state: 'open', due: at.now, counts, reason, suspect: true }
        : lostAnswer(claim, outcome, reason, at)
    case 'rejected':
      return { state: 'dead', due: at.now, counts, reason }
    case 'throttled':
      return throttle(claim, outcome, reason, at)
    case 'misconfigured':
      return park(claim, outcome, reason, at)
  }
}

/** The row of a delivery's history that an outcome leaves. */
export const attemptRecord = (
  run: number,
  outcome: Outcome,
  { startedAt, now, redact, sent }: Pick<Circumstances, 'startedAt' | 'now' | 'redact' | 'sent'>,
): AttemptRecord => {
  const output = printed(outcome, redact)
  const base = {
    run,
    at: startedAt,
    ms: Math.max(0, now - startedAt),
    outcome: outcome.kind,
    ...(sent !== undefined && { sent }),
    ...(output !== undefined && { output }),
  }
  if (Failure.is(outcome)) {
    return { ...base, code: brief(outcome.code, redact), detail: brief(messageChain(outcome), redact) }
  }
  const detail = outcome.kind === 'skipped' ? outcome.reason : (outcome.detail ?? null)
  return { ...base, code: null, detail: detail === null ? null : brief(detail, redact) }
}

/** What becomes of a delivery whose attempt came to an outcome: no clock, no store, no side effect. */
export const decide = (claim: Claim, outcome: Outcome, at: Circumstances): Settlement => {
  const verdict = verdictOf(claim, outcome, at)
  const parked = gateAfter(outcome, verdict, at)
  const gate =
    parked === undefined && verdict.throttledUntil === undefined
      ? null
      : {
          connector: at.row,
          ...(parked === undefined ? {} : { parked }),
          ...(parked === null ? { released: at.now } : {}),
          ...(verdict.throttledUntil === undefined ? {} : { throttledUntil: verdict.throttledUntil }),
        }
  return {
    delivery: claim.delivery,
    run: claim.run,
    state: verdict.state,
    due: verdict.due,
    counts: verdict.counts,
    reason: verdict.reason,
    suspect: verdict.suspect ?? claim.suspect,
    attempt: attemptRecord(claim.run, outcome, at),
    gate,
  }
}
