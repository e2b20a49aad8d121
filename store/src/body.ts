import type { RegistrationEvent } from '@onsignup/core'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Source = RegistrationEvent['source']

/** An event as any version stored it; the first did not know of historical ones. */
type StoredEvent = Omit<RegistrationEvent, 'source'> & {
  readonly source: Omit<Source, 'historical'> & Partial<Pick<Source, 'historical'>>
}

// Whole events were validated when they were accepted; these marks tell one from a damaged or foreign body. A full
// validation at every hand-out would refuse what an older version accepted.
const isEvent = (value: unknown): value is StoredEvent =>
  isObject(value) &&
  value['specversion'] === '1' &&
  value['type'] === 'user.registered' &&
  typeof value['id'] === 'string' &&
  isObject(value['user']) &&
  isObject(value['context']) &&
  isObject(value['source'])

/** The event of a stored body; null when it cannot be read. */
export const readBody = (body: string): RegistrationEvent | null => {
  try {
    const value: unknown = JSON.parse(body)
    if (!isEvent(value)) return null
    const { historical = false } = value.source
    return { ...value, source: { ...value.source, historical } }
  } catch {
    return null
  }
}
