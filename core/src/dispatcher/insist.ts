import type { Clock } from '../ports.ts'
import type { Admission } from './admission.ts'

/** How long to wait before a store that failed is asked again. */
export const STORE_RETRY = 1_000

export interface InsistPorts {
  readonly clock: Clock
  readonly admission: Admission
  readonly stop: AbortSignal
  /** Told of every refusal. */
  readonly onRefused: (error: unknown) => void
}

/** Keeps a write until the store takes it, or the engine stops without; meanwhile nothing starts. */
export const insist = async <T>(
  write: () => Promise<T>,
  { clock, admission, stop, onRefused }: InsistPorts,
): Promise<T> => {
  let accepted = (): void => {}
  try {
    for (let refused = false; ; refused = true) {
      try {
        return await write()
      } catch (error) {
        if (stop.aborted) throw error
        if (!refused) accepted = admission.refuse()
        onRefused(error)
        await new Promise<void>((resolve) => clock.after(STORE_RETRY, resolve))
      }
    }
  } finally {
    accepted()
  }
}
