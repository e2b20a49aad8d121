import type { ConfiguredConnector } from '../connector.ts'
import type { Run } from '../contract.ts'
import { misconfigured } from '../outcome.ts'
import { withFields, type Clock, type Logger } from '../ports.ts'

export interface CallPorts {
  readonly clock: Clock
  readonly logger: Logger
  /** Aborts when the engine stops. */
  readonly stop?: AbortSignal
}

/** Calls a member of a connector that is no attempt, as its `check`; rejects when its timeout is over or the engine stops. */
export const callWithin = async <T>(
  { name, settings }: ConfiguredConnector,
  { clock, logger, stop }: CallPorts,
  what: string,
  call: (run: Run) => T | Promise<T>,
): Promise<T> => {
  const timer = new AbortController()
  const late = Promise.withResolvers<never>()
  const end = (why: string) => () => {
    const failure = misconfigured(why)
    timer.abort(failure)
    late.reject(failure)
  }
  const cancel = clock.after(settings.timeout, end(`the ${what} took longer than its timeout`))
  const onStop = end(`the engine stopped before the ${what} ended`)
  stop?.addEventListener('abort', onStop, { once: true })
  const run = {
    connector: name,
    signal: timer.signal,
    deadline: new Date(clock.now() + settings.timeout),
    logger: withFields(logger, { connector: name }),
  }
  try {
    return await Promise.race([call(run), late.promise])
  } finally {
    cancel()
    stop?.removeEventListener('abort', onStop)
  }
}
