import type { ConfiguredConnector } from '../connector.ts'
import type { Finding } from '../contract.ts'
import { misconfigured } from '../outcome.ts'
import type { Clock, Logger } from '../ports.ts'
import { messageChain } from './describe.ts'

export interface CheckPorts {
  readonly clock: Clock
  readonly logger: Logger
  /** Aborts when the engine stops. */
  readonly stop?: AbortSignal
}

/** What a connector's own check finds, within its timeout; a check that throws is a failed finding. */
export const checkConnector = async (
  { connector, name, settings }: ConfiguredConnector,
  { clock, logger, stop }: CheckPorts,
): Promise<readonly Finding[]> => {
  if (connector.check === undefined) return [{ state: 'unproved', what: 'its plugin has no check' }]
  const timer = new AbortController()
  const timeout = misconfigured('the check took longer than its timeout')
  const late = Promise.withResolvers<never>()
  const cancel = clock.after(settings.timeout, () => {
    timer.abort(timeout)
    late.reject(timeout)
  })
  try {
    const found = connector.check({
      connector: name,
      signal: stop === undefined ? timer.signal : AbortSignal.any([timer.signal, stop]),
      deadline: new Date(clock.now() + settings.timeout),
      logger,
    })
    return await Promise.race([found, late.promise])
  } catch (error) {
    return [{ state: 'failed', what: messageChain(error) }]
  } finally {
    cancel()
  }
}

/** Whether the connector's check has no failed finding; one without a check has only its canary. */
export const findsNoFault = async (connector: ConfiguredConnector, ports: CheckPorts): Promise<boolean> =>
  (await checkConnector(connector, ports)).every(({ state }) => state !== 'failed')
