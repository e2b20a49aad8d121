import type { ConfiguredConnector } from '../connector.ts'
import type { Finding } from '../contract.ts'
import { misconfigured } from '../outcome.ts'
import { withFields, type Clock, type Logger } from '../ports.ts'
import { brief, messageChain } from './describe.ts'

export interface CheckPorts {
  readonly clock: Clock
  readonly logger: Logger
  /** Aborts when the engine stops. */
  readonly stop?: AbortSignal
}

const asIs = (text: string): string => text

/** What a connector's own check finds, within its timeout; a check that throws is a failed finding. */
export const checkConnector = async (
  { connector, name, settings }: ConfiguredConnector,
  { clock, logger, stop }: CheckPorts,
): Promise<readonly Finding[]> => {
  if (connector.check === undefined) return [{ state: 'unproved', what: 'its plugin has no check' }]
  const timer = new AbortController()
  const late = Promise.withResolvers<never>()
  const end = (why: string) => () => {
    const failure = misconfigured(why)
    timer.abort(failure)
    late.reject(failure)
  }
  const cancel = clock.after(settings.timeout, end('the check took longer than its timeout'))
  const onStop = end('the engine stopped before the check ended')
  stop?.addEventListener('abort', onStop, { once: true })
  try {
    const found = connector.check({
      connector: name,
      signal: timer.signal,
      deadline: new Date(clock.now() + settings.timeout),
      logger: withFields(logger, { connector: name }),
    })
    const findings: unknown = await Promise.race([found, late.promise])
    return Array.isArray(findings) ? await found : [{ state: 'failed', what: 'its check returned no list' }]
  } catch (error) {
    return [{ state: 'failed', what: brief(messageChain(error), asIs) }]
  } finally {
    cancel()
    stop?.removeEventListener('abort', onStop)
  }
}

/** Whether the connector's check has no failed finding; one without a check has only its canary. */
export const findsNoFault = async (connector: ConfiguredConnector, ports: CheckPorts): Promise<boolean> =>
  (await checkConnector(connector, ports)).every(({ state }) => state !== 'failed')
