import type { KeptRefused, Refused, Store } from './port.ts'
import { traceOf } from './trace.ts'

/** What known senders sent and no registration came of. */
export interface MemoryRefused {
  keep(all: readonly Refused[]): void
  list(query: Parameters<Store['listRefused']>[0]): readonly KeptRefused[]
  drop(which: Parameters<Store['dropRefused']>[0]): number
  /** Takes out whatever has the user's id or address in it. */
  forget(user: string): void
}

export const createMemoryRefused = (): MemoryRefused => {
  const refused = new Map<number, KeptRefused>()
  let last = 0
  return {
    keep(all) {
      for (const each of all) {
        last += 1
        refused.set(last, { ...each, id: last })
      }
    },
    list({ limit, after = Infinity, id }) {
      return [...refused.values()]
        .toReversed()
        .filter((each) => each.id < after && (id === undefined || each.id === id))
        .slice(0, limit)
    },
    drop(which) {
      const dropped = [...refused.values()].filter((each) =>
        'id' in which ? each.id === which.id : each.at < which.before,
      )
      for (const { id } of dropped) refused.delete(id)
      return dropped.length
    },
    forget(user) {
      const trace = traceOf(user).toLowerCase()
      for (const { id, payload } of refused.values()) {
        if (payload.toLowerCase().includes(trace)) refused.delete(id)
      }
    },
  }
}
