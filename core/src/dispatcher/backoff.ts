import type { Random } from '../ports.ts'
import type { ResolvedSettings } from '../settings.ts'

/** Milliseconds to wait after the n-th failure: full jitter, so that a crowd that failed together spreads out. */
export const backoff = (
  failures: number,
  { initial, factor, max }: ResolvedSettings['retry'],
  random: Random,
): number => Math.ceil(random() * Math.min(max, initial * factor ** Math.max(0, failures - 1)))
