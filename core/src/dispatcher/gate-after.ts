import { Failure, type Outcome } from '../outcome.ts'
import type { Parked } from '../store/port.ts'
import { TEMPLATE_FAILED } from '../template/templates.ts'
import type { Circumstances, Verdict } from './decide.ts'
import { brief, messageChain } from './describe.ts'
import { isNoAnswer } from './no-answer.ts'

/** How often a misconfigured connector's canary tries. */
const PROBE_INTERVAL = 300_000
/** How often a canary tries whether a far side answers again. */
const FAILING_PROBE_INTERVAL = 60_000
/** So many attempts without an answer, one after the other, close the gate. */
const MOST_SILENCES = 5
/** Why the gate is closed when the far side does not answer. */
export const FAILING = 'failing'

/** When its canary tries next. */
export const probeAfter = ({ code }: Pick<Parked, 'code'>, now: number): number =>
  now + (code === FAILING ? FAILING_PROBE_INTERVAL : PROBE_INTERVAL)

/** The closed gate of a connector that is misconfigured. */
export const parkedBy = (
  failure: Failure,
  { now, redact, parked }: Pick<Circumstances, 'now' | 'redact' | 'parked'>,
): Parked => {
  const code = brief(failure.code, redact)
  return {
    since: parked?.since ?? now,
    code,
    reason: brief(messageChain(failure), redact),
    mend: failure.mend === undefined ? null : brief(failure.mend, redact),
    probeAt: probeAfter({ code }, now),
  }
}

const silent = (outcome: Failure, { now, redact, silences }: Circumstances): Parked => ({
  since: now,
  code: FAILING,
  // Not what the outcome says: it may name a user, and this row outlives one who is forgotten.
  reason: `${silences} attempts in a row got no answer (${brief(outcome.code, redact)})`,
  mend: 'see that the far side works and can be reached: one delivery a minute tries, and the first answer lets all go',
  probeAt: probeAfter({ code: FAILING }, now),
})

/** Whether a closed gate's canary got an answer that only a right configuration, or a far side that works, gets. */
const isMended = (outcome: Outcome, { code }: Parked): boolean =>
  ['delivered', 'rejected', 'throttled'].includes(outcome.kind) ||
  (code === FAILING && outcome.kind === 'retry' && !isNoAnswer(outcome))

/** The gate after an attempt: null if that opens it, undefined if it stays as it is. */
export const gateAfter = (
  outcome: Outcome,
  verdict: Verdict,
  at: Circumstances,
): Parked | null | undefined => {
  if (verdict.parked !== undefined) return verdict.parked
  if (at.parked === null) {
    const closes = at.silences >= MOST_SILENCES && Failure.is(outcome) && isNoAnswer(outcome) && !at.stopping
    return closes ? silent(outcome, at) : undefined
  }
  if (!at.isCanary) return undefined
  // A canary whose `if` is false, or whose template fails, has tested nothing: the next one may go at once.
  if (outcome.kind === 'skipped' || (Failure.is(outcome) && outcome.code === TEMPLATE_FAILED))
    return undefined
  if (isMended(outcome, at.parked)) return null
  return { ...at.parked, probeAt: probeAfter(at.parked, at.now) }
}
