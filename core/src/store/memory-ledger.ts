import type { EventKeys } from '../event/keys.ts'
import type { RegistrationEvent } from '../event/schema.ts'
import type { Accepted } from './port.ts'
import { isLaterRegistration } from './registration.ts'

interface Registration {
  readonly id: string
  readonly keys: EventKeys
}

/** Every registration that was ever accepted, found by its provider's event and by its user. */
export interface MemoryLedger {
  /** Why an event is not a new registration; undefined when it is one. */
  find(keys: EventKeys): Accepted | undefined
  add(event: RegistrationEvent, keys: EventKeys): void
}

export const createMemoryLedger = (): MemoryLedger => {
  const bySource = new Map<string, Registration>()
  const latestOfUser = new Map<string, Registration>()
  return {
    find(keys) {
      const same = keys.source === null ? undefined : bySource.get(keys.source)
      if (same) return { kind: same.keys.user === keys.user ? 'duplicate' : 'conflict', id: same.id }
      const latest = latestOfUser.get(keys.user)
      if (!latest || isLaterRegistration(keys.createdAt, latest.keys.createdAt)) return undefined
      return { kind: 'duplicate', id: latest.id }
    },
    add({ id }, keys) {
      if (keys.source !== null) bySource.set(keys.source, { id, keys })
      latestOfUser.set(keys.user, { id, keys })
    },
  }
}
