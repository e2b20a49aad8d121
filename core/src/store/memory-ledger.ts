import type { EventKeys } from '../event/keys.ts'
import type { RegistrationEvent } from '../event/schema.ts'
import { isLaterRegistration } from './registration.ts'

interface Registration {
  readonly id: string
  readonly keys: EventKeys
  readonly historical: boolean
}

/** `historical`: a live one may take its place. */
export interface KnownRegistration {
  readonly kind: 'duplicate' | 'conflict' | 'historical'
  readonly id: string
}

/** Every registration that was ever accepted, found by its provider's event and by its user. */
export interface MemoryLedger {
  /** The registration that keys are known of; undefined when they are of a new one. */
  find(keys: EventKeys): KnownRegistration | undefined
  add(event: RegistrationEvent, keys: EventKeys): void
  /** No live registration takes the place of this event any more. */
  close(event: string): void
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
      return { kind: latest.historical ? 'historical' : 'duplicate', id: latest.id }
    },
    add({ id, source: { historical } }, keys) {
      const registration = { id, keys, historical }
      if (keys.source !== null) bySource.set(keys.source, registration)
      latestOfUser.set(keys.user, registration)
    },
    close(event) {
      for (const [user, latest] of latestOfUser) {
        if (latest.id === event) latestOfUser.set(user, { ...latest, historical: false })
      }
    },
  }
}
