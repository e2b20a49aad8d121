import type { StateOwner } from './port.ts'

/** What connectors keep for themselves. */
export interface MemoryStates {
  recall(owner: StateOwner, key: string): string | null
  keep(owner: StateOwner, key: string, value: string | null): void
  /** Gives it to another owner, but for the keys under which that has its own. */
  move(from: StateOwner, to: StateOwner): void
}

const ownerKey = ({ name, uses }: StateOwner): string => JSON.stringify([name, uses])

export const createMemoryStates = (): MemoryStates => {
  const states = new Map<string, ReadonlyMap<string, string>>()
  return {
    recall: (owner, key) => states.get(ownerKey(owner))?.get(key) ?? null,
    keep(owner, key, value) {
      const kept = new Map(states.get(ownerKey(owner)))
      if (value === null) kept.delete(key)
      else kept.set(key, value)
      states.set(ownerKey(owner), kept)
    },
    move(from, to) {
      const [old, own] = [states.get(ownerKey(from)) ?? [], states.get(ownerKey(to)) ?? []]
      states.set(ownerKey(to), new Map([...old, ...own]))
      states.delete(ownerKey(from))
    },
  }
}
