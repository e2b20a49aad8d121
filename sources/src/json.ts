// Readers of what a provider sends: a member of an unexpected type is as good as none, since a registration must not
// be lost for it.

/** An object as parsed from JSON. */
export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const SECRET = /passw|secret|token/i

// Deeper is nothing that a provider sends.
const DEEPEST = 64

/** A thing as it may be kept: without members whose names say that they are secret. */
export const withoutSecrets = (value: unknown, depth = 0): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEEPEST) return null
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !SECRET.test(name))
      .map(([name, member]) => [name, withoutSecrets(member, depth + 1)]),
  )
}

/** An object, or an empty one. */
export const object = (value: unknown): JsonObject => (isObject(value) ? value : {})

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A text that says something, or null. */
export const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null

/** A text or a whole number that was not rounded when it was parsed, or null. */
export const id = (value: unknown): string | null =>
  Number.isSafeInteger(value) ? String(value) : text(value)

export const flag = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null)

/** A time as RFC 3339 in UTC, or null. */
export const time = (value: unknown): string | null => {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const date = new Date(value)
  const year = date.getUTCFullYear()
  return year >= 0 && year <= 9_999 ? date.toISOString() : null
}

/** An id with a name that may be missing, or null without the id. */
export const named = (
  identifier: unknown,
  name: unknown,
): { readonly id: string; readonly name: string | null } | null => {
  const known = id(identifier)
  return known === null ? null : { id: known, name: text(name) }
}

/** The parsed text; undefined when it is not JSON. */
export const parsed = (source: string): unknown => {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}
