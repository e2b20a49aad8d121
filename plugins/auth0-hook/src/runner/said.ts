import { ownStack } from '../told.ts'

// What a script may replace, as it was before any script ran.
const { stringify } = JSON

/** In the reference's words. */
export const NOT_JSON = 'Error when JSON serializing the result of the extension point'

/** Characters of JSON. */
const LONGEST = 900_000

// What an axios error has besides is its request and the answer, Authorization included.
const isPlain = (value: unknown): boolean =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

const asError = (thrown: unknown): Error => {
  if (thrown instanceof Error) return thrown
  const message: unknown =
    typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : undefined
  return new Error(String(message || thrown))
}

const saidOfError = (thrown: unknown) => {
  const error = asError(thrown)
  const properties = Object.getOwnPropertyNames(error).flatMap((name) => {
    const value: unknown = Reflect.get(error, name)
    if (!isPlain(value)) return []
    return [[name, name === 'stack' ? ownStack(String(value)) : value] as const]
  })
  return { status: 'error', data: Object.fromEntries(properties) }
}

/**
 * What a call of `cb` says to whoever called the extensibility point, as JSON: protocol v6 as in auth0-ext-compilers
 * 6.1.0 (lib/adapter.js, lib/compilers/user-registration.js), but for what an error has that is no plain value.
 */
export const saidByCallback = (error: unknown, response: unknown): string => {
  const longest = (said: object): string => {
    const json = stringify(said)
    if (json.length <= LONGEST) return json
    return stringify(saidOfError(`what it says is longer than ${LONGEST} characters`))
  }
  try {
    return longest(error ? saidOfError(error) : { status: 'success', data: response || {} })
  } catch {
    return longest(saidOfError(NOT_JSON))
  }
}
