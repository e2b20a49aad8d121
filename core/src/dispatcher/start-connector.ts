import type { ConfiguredConnector } from '../connector.ts'
import { Failure, type Outcome } from '../outcome.ts'
import { outcomeOfError, outcomeOfResult } from './describe.ts'
import { callWithin, type CallPorts } from './within.ts'

/**
 * What a connector's own `start` finds misconfigured, within its timeout; undefined when it finds nothing, has no
 * `start`, or could not tell: deliveries will.
 */
export const startConnector = async (
  configured: ConfiguredConnector,
  ports: CallPorts,
): Promise<Failure | undefined> => {
  const { connector, name } = configured
  if (connector.start === undefined) return undefined
  try {
    const outcome = await callWithin(configured, ports, 'start', async (run): Promise<Outcome> => {
      try {
        return outcomeOfResult(await connector.start?.(run))
      } catch (error) {
        return outcomeOfError(error)
      }
    })
    if (!Failure.is(outcome)) return undefined
    if (outcome.kind === 'misconfigured') return outcome
    ports.logger.warn({ err: outcome, connector: name }, 'its start could not tell whether all is well')
  } catch (error) {
    ports.logger.warn({ err: error, connector: name }, 'its start did not end')
  }
  return undefined
}
