import type { ConfiguredConnector } from '../connector.ts'
import type { Finding } from '../contract.ts'
import { brief, messageChain } from './describe.ts'
import { callWithin, type CallPorts } from './within.ts'

const asIs = (text: string): string => text

/** What a connector's own check finds, within its timeout; a check that throws is a failed finding. */
export const checkConnector = async (
  configured: ConfiguredConnector,
  ports: CallPorts,
): Promise<readonly Finding[]> => {
  const { connector } = configured
  if (connector.check === undefined) return [{ state: 'unproved', what: 'its plugin has no check' }]
  try {
    const findings: unknown = await callWithin(configured, ports, 'check', (run) => connector.check?.(run))
    return Array.isArray(findings) ? findings : [{ state: 'failed', what: 'its check returned no list' }]
  } catch (error) {
    return [{ state: 'failed', what: brief(messageChain(error), asIs) }]
  }
}

/** Whether the connector's check has no failed finding; one without a check has only its canary. */
export const findsNoFault = async (connector: ConfiguredConnector, ports: CallPorts): Promise<boolean> =>
  (await checkConnector(connector, ports)).every(({ state }) => state !== 'failed')
