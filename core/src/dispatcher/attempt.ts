import { createHash } from 'node:crypto'
import type { ConfiguredConnector } from '../connector.ts'
import type { Attempt, Run } from '../contract.ts'
import { formatDuration } from '../duration.ts'
import { Failure, retry, skipped, unknown, type Outcome } from '../outcome.ts'
import type { Clock, Logger } from '../ports.ts'
import type { Claim } from '../store/port.ts'
import { isAbort, outcomeOfError, outcomeOfResult } from './describe.ts'

/** How long an attempt that was cut may take to say itself what came of it. */
const TIME_TO_CLASSIFY = 1_000

export interface AttemptPorts {
  readonly clock: Clock
  readonly logger: Logger
  /** Aborts when the engine stops. */
  readonly stop: AbortSignal
  /** The connector's row, which outlives renames: idempotency keys are made of it. */
  readonly row: number
  /** Called when the attempts are cut, at the deadline or because the engine stops: their slots are free again. */
  readonly onCut: () => void
  /** Called for each result that came after the attempts had ended without it. */
  readonly onLate: (claim: Claim, outcome: Outcome) => void
}

const attemptOf = (claim: Claim, row: number): Attempt => ({
  idempotencyKey: createHash('sha256')
    .update(JSON.stringify([claim.event.id, row, claim.generation]))
    .digest('hex')
    .slice(0, 32),
  attempt: claim.tries + 1,
  afterUnknown: claim.unknowns > 0 || claim.suspect,
})

/** One outcome for each claim, by the single hook or by the batch hook. */
const callHook = async (
  { connector }: ConfiguredConnector,
  claims: readonly Claim[],
  run: Run,
  row: number,
): Promise<readonly Outcome[]> => {
  const [only] = claims
  if (connector.postUserRegistration !== undefined && claims.length === 1 && only !== undefined) {
    return [outcomeOfResult(await connector.postUserRegistration(only.event, { ...run, ...attemptOf(only, row) }))]
  }
  if (connector.postUserRegistrationBatch === undefined) return []
  const items = claims.map((claim) => ({ ...attemptOf(claim, row), event: claim.event }))
  const outcomes = await connector.postUserRegistrationBatch(items, run)
  return outcomes.map(outcomeOfResult)
}

/** A refused batch is halved to find the one that it was refused for; other failures are everybody's. */
const isEverybodys = (error: unknown): boolean => Failure.is(error) && error.kind !== 'rejected'

const callOrHalve = async (
  configured: ConfiguredConnector,
  claims: readonly Claim[],
  run: Run,
  row: number,
  cutOutcome: () => Outcome,
): Promise<readonly Outcome[]> => {
  let failure: Outcome
  try {
    const outcomes = await callHook(configured, claims, run, row)
    if (outcomes.length === claims.length) return outcomes
    failure = retry(`the batch hook gave ${outcomes.length} outcomes for ${claims.length} deliveries`, {
      code: 'invalid_outcome',
      mend: 'return one outcome for each item, in order',
    })
  } catch (error) {
    failure = !Failure.is(error) && isAbort(error, run.signal) ? cutOutcome() : outcomeOfError(error)
    if (isEverybodys(error) || run.signal.aborted) return claims.map(() => failure)
  }
  if (claims.length === 1) return [failure]
  const half = Math.ceil(claims.length / 2)
  return [
    ...(await callOrHalve(configured, claims.slice(0, half), run, row, cutOutcome)),
    ...(await callOrHalve(configured, claims.slice(half), run, row, cutOutcome)),
  ]
}

const CUT_CODES: ReadonlySet<string> = new Set(['timeout', 'stopped'])

const cutOutcome = ({ repeats, settings }: ConfiguredConnector, stopping: boolean): Outcome => {
  const why = stopping ? 'the engine stopped before an answer came' : `no answer within ${formatDuration(settings.timeout)}`
  const code = stopping ? 'stopped' : 'timeout'
  return repeats === 'harmful' ? unknown(why, { code }) : retry(why, { code })
}

const reportLate = (
  claims: readonly Claim[],
  outcomes: readonly Outcome[],
  onLate: AttemptPorts['onLate'],
): void => {
  for (const [index, claim] of claims.entries()) {
    const outcome = outcomes[index]
    if (outcome !== undefined && !(Failure.is(outcome) && CUT_CODES.has(outcome.code))) onLate(claim, outcome)
  }
}

/** Runs the hook on claims whose condition holds, with a deadline, and says for each claim what came of it. */
export const runAttempt = async (
  configured: ConfiguredConnector,
  claims: readonly Claim[],
  { clock, logger, stop, row, onCut, onLate }: AttemptPorts,
): Promise<readonly Outcome[]> => {
  const controller = new AbortController()
  const cut = Promise.withResolvers<void>()
  const abort = (reason: string) => () => {
    controller.abort(new DOMException(reason, 'AbortError'))
    onCut()
    clock.after(TIME_TO_CLASSIFY, cut.resolve)
  }
  const deadline = new Date(clock.now() + configured.settings.timeout)
  const cancelDeadline = clock.after(configured.settings.timeout, abort('the deadline passed'))
  const onStop = abort('the engine stops')
  stop.addEventListener('abort', onStop, { once: true })
  const run: Run = { connector: configured.name, signal: controller.signal, deadline, logger }

  const ended = () => cutOutcome(configured, stop.aborted)
  const results = callOrHalve(configured, claims, run, row, ended)
  try {
    const outcomes = await Promise.race([results, cut.promise])
    if (outcomes !== undefined) return outcomes
    void results.then((late) => reportLate(claims, late, onLate))
    return claims.map(ended)
  } finally {
    cancelDeadline()
    stop.removeEventListener('abort', onStop)
  }
}

/** The outcome of a claim whose `if` is false or cannot be evaluated; undefined when the hook is to run. */
export const conditionOutcome = ({ condition }: ConfiguredConnector, claim: Claim): Outcome | undefined => {
  try {
    return condition(claim.event) ? undefined : skipped('its if is false')
  } catch (error) {
    return outcomeOfError(error)
  }
}
