import type { ConnectorRow } from '@onsignup/core/engine'

/** A connector as the store knows it. */
export type StoredConnector = ConnectorRow & { readonly current: boolean }

/** What a connector's gate can be, for people. */
export type GateWord = 'open' | 'paused' | 'parked' | 'throttled' | 'orphaned'

/** What its gate is now. */
export const gateOf = (
  { current, parked, paused, throttledUntil }: StoredConnector,
  now: number,
): GateWord => {
  if (!current) return 'orphaned'
  if (paused !== null) return 'paused'
  if (parked !== null) return 'parked'
  return throttledUntil !== null && throttledUntil > now ? 'throttled' : 'open'
}
