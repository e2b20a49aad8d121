import type { ConnectorRow, DeliveryState, ShownState } from './port.ts'

/** What a delivery's state is called for people. */
export const shownState = (
  delivery: { readonly state: DeliveryState; readonly held: boolean; readonly due: number },
  connector: Pick<ConnectorRow, 'parked' | 'paused'> & { readonly current: boolean },
  now: number,
): ShownState => {
  if (delivery.state !== 'open') return delivery.state
  if (!connector.current) return 'orphaned'
  if (delivery.held) return 'running'
  if (connector.paused !== null) return 'paused'
  if (connector.parked !== null) return 'parked'
  return delivery.due <= now ? 'pending' : 'waiting'
}

/** What happened and what to do about it, in one line. */
export const withMend = (reason: string, mend: string | null): string =>
  mend === null ? reason : `${reason} → ${mend}`

/** Why a delivery is as it is shown: one that waits at a closed gate waits for what the gate says. */
export const shownReason = (
  state: ShownState,
  reason: string | null,
  { parked }: Pick<ConnectorRow, 'parked'>,
): string | null => (state === 'parked' && parked !== null ? withMend(parked.reason, parked.mend) : reason)
