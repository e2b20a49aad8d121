import type { ConnectorRow, DeliveryState, ShownState } from './port.ts'

/** What a delivery's state is called for people. */
export const shownState = (
  delivery: { readonly state: DeliveryState; readonly held: boolean; readonly due: number },
  connector: Pick<ConnectorRow, 'parked'> & { readonly current: boolean },
  now: number,
): ShownState => {
  if (delivery.state !== 'open') return delivery.state
  if (!connector.current) return 'orphaned'
  if (delivery.held) return 'running'
  if (connector.parked !== null) return 'parked'
  return delivery.due <= now ? 'pending' : 'waiting'
}
