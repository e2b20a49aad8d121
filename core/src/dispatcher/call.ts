import type { ConfiguredConnector } from '../connector.ts'
import type { Attempt, Run } from '../contract.ts'
import { idempotencyKey } from '../event/keys.ts'
import { Failure, retry, skipped, type Outcome } from '../outcome.ts'
import { FORGOTTEN, type Claim } from '../store/port.ts'
import { isAbort, outcomeOfError, outcomeOfResult } from './describe.ts'

/** One call of a connector's hook, for one claim or many. */
export interface Call {
  readonly configured: ConfiguredConnector
  readonly run: Run
  /** Deliveries whose user was forgotten since the call began: the hook is not called for them any more. */
  readonly forgotten: ReadonlySet<number>
  /** Told of each claim's outcome as soon as it is known; not of a claim whose hook only passes the abort on. */
  readonly tell: (claim: Claim, outcome: Outcome) => void
  /** Told of what the hook is about to send for a claim. */
  readonly onSending: (claim: Claim, body: string | Uint8Array) => void
  /** What an error says that came after the attempt was cut and does not classify itself. */
  readonly cutOutcome: (cause: unknown) => Outcome
}

const attemptOf = (claim: Claim, { configured, onSending }: Call): Attempt => ({
  idempotencyKey: idempotencyKey(claim.event.id, configured, claim.generation),
  attempt: claim.tries + 1,
  afterUnknown: claim.unknowns > 0 || claim.suspect,
  sending: (body) => onSending(claim, body),
})

/** One outcome for each claim, by the single hook or by the batch hook. */
const callHook = async (call: Call, claims: readonly Claim[]): Promise<readonly Outcome[]> => {
  const { run } = call
  const { connector } = call.configured
  const [only] = claims
  if (connector.postUserRegistration !== undefined && claims.length === 1 && only !== undefined) {
    const attempt = attemptOf(only, call)
    return [outcomeOfResult(await connector.postUserRegistration(only.event, { ...run, ...attempt }))]
  }
  if (connector.postUserRegistrationBatch === undefined) return []
  const items = claims.map((claim) => ({ ...attemptOf(claim, call), event: claim.event }))
  const outcomes: unknown = await connector.postUserRegistrationBatch(items, run)
  return Array.isArray(outcomes) ? Array.from(outcomes, outcomeOfResult) : []
}

/** A refused batch is halved to find the one that it was refused for; other failures are everybody's. */
const isEverybodys = (error: unknown): boolean => Failure.is(error) && error.kind !== 'rejected'

/** Calls the hook, on smaller and smaller batches where it refuses one; never throws. */
export const callOrHalve = async (call: Call, all: readonly Claim[]): Promise<void> => {
  const { run, tell, cutOutcome, forgotten } = call
  const claims = all.filter(({ delivery }) => !forgotten.has(delivery))
  for (const claim of all) if (forgotten.has(claim.delivery)) tell(claim, skipped(FORGOTTEN))
  if (claims.length === 0) return
  const tellAll = (outcome: Outcome) => {
    for (const claim of claims) tell(claim, outcome)
  }
  if (run.signal.aborted) return tellAll(retry('the time was over before its turn came', { code: 'timeout' }))
  let failure: Outcome
  try {
    const outcomes = await callHook(call, claims)
    if (outcomes.length === claims.length) {
      for (const [index, outcome] of outcomes.entries()) {
        const claim = claims[index]
        if (claim !== undefined) tell(claim, outcome)
      }
      return
    }
    failure = retry(`the batch hook gave ${outcomes.length} outcomes for ${claims.length} deliveries`, {
      code: 'invalid_outcome',
      mend: 'return one outcome for each item, in order',
    })
  } catch (error) {
    if (!Failure.is(error) && run.signal.aborted) {
      if (!isAbort(error, run.signal)) tellAll(cutOutcome(error))
      return
    }
    failure = outcomeOfError(error)
    if (isEverybodys(error)) return tellAll(failure)
  }
  if (claims.length === 1) return tellAll(failure)
  const half = Math.ceil(claims.length / 2)
  await callOrHalve(call, claims.slice(0, half))
  await callOrHalve(call, claims.slice(half))
}
