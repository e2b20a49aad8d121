import type { ConfiguredConnector } from '../connector.ts'
import type { Run } from '../contract.ts'
import { formatDuration } from '../duration.ts'
import { retry, skipped, unknown, type Outcome } from '../outcome.ts'
import { withFields, type Clock, type Logger } from '../ports.ts'
import type { Claim } from '../store/port.ts'
import { callOrHalve, type Call } from './call.ts'
import { outcomeOfError } from './describe.ts'

/** How long an attempt that was cut may take to say itself what came of it. */
export const TIME_TO_CLASSIFY = 1_000

export interface AttemptPorts {
  /** Milliseconds. */
  readonly timeout: number
  readonly clock: Clock
  readonly logger: Logger
  /** Deliveries that must not be sent any more. */
  readonly forgotten: ReadonlySet<number>
  /** Aborts when the engine stops. */
  readonly stop: AbortSignal
  /** Called when the attempts are cut, at the deadline or because the engine stops: their slots are free again. */
  readonly onCut: () => void
  /** Called for each result that came after the attempts had ended without it. */
  readonly onLate: (claim: Claim, outcome: Outcome) => void
  readonly onSending: Call['onSending']
}

const cutOutcome = (
  { repeats }: ConfiguredConnector,
  { timeout, stop }: Pick<AttemptPorts, 'timeout' | 'stop'>,
  options: { readonly cause?: unknown } = {},
): Outcome => {
  const why = stop.aborted
    ? 'the engine stopped before an answer came'
    : `no answer within ${formatDuration(timeout)}`
  const code = stop.aborted ? 'stopped' : 'timeout'
  return repeats === 'harmful' ? unknown(why, { ...options, code }) : retry(why, { ...options, code })
}

/** Runs the hook on claims whose condition holds, with a deadline, and says for each claim what came of it. */
export const runAttempt = async (
  configured: ConfiguredConnector,
  claims: readonly Claim[],
  ports: AttemptPorts,
): Promise<readonly Outcome[]> => {
  const { timeout, clock, logger, forgotten, stop, onCut, onLate, onSending } = ports
  const controller = new AbortController()
  const cut = Promise.withResolvers<void>()
  let cancelCut = (): void => {}
  const abort = (reason: string) => () => {
    if (controller.signal.aborted) return
    controller.abort(new DOMException(reason, 'AbortError'))
    onCut()
    cancelCut = clock.after(TIME_TO_CLASSIFY, cut.resolve)
  }
  const deadline = new Date(clock.now() + timeout)
  const cancelDeadline = clock.after(timeout, abort('the deadline passed'))
  const onStop = abort('the engine stops')
  stop.addEventListener('abort', onStop, { once: true })
  if (stop.aborted) onStop()

  const { name: connector } = configured
  const run: Run = {
    connector,
    signal: controller.signal,
    deadline,
    logger: withFields(logger, { connector }),
  }
  const told = new Map<Claim, Outcome>()
  let isOver = false
  const calling = callOrHalve(
    {
      configured,
      run,
      forgotten,
      tell(claim, outcome) {
        if (isOver) onLate(claim, outcome)
        else told.set(claim, outcome)
      },
      onSending,
      cutOutcome: (cause) => cutOutcome(configured, ports, { cause }),
    },
    claims,
  )
  await Promise.race([calling, cut.promise])
  isOver = true
  cancelDeadline()
  cancelCut()
  stop.removeEventListener('abort', onStop)
  return claims.map((claim) => told.get(claim) ?? cutOutcome(configured, ports))
}

/** The outcome of a claim whose `if` is false or cannot be evaluated; undefined when the hook is to run. */
export const conditionOutcome = ({ condition }: ConfiguredConnector, claim: Claim): Outcome | undefined => {
  try {
    return condition(claim.event) ? undefined : skipped('its if is false')
  } catch (error) {
    return outcomeOfError(error)
  }
}
