import type { Redact } from '@onsignup/core'

const LONGEST = 500

const cut = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…`.toWellFormed() : text

// A getter of an error that a stranger made may throw.
const read = (value: unknown, name: string): unknown => {
  try {
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  } catch {
    return undefined
  }
}

const words = (error: unknown): string => {
  if (typeof error === 'string') return error
  const message = read(error, 'message')
  if (typeof message === 'string' && message !== '') return message
  const name = read(error, 'name')
  if (typeof name === 'string' && name !== '') return name
  return typeof error === 'object' && error !== null ? 'an object without a message' : String(error)
}

/** What a Hook's error says and nothing else of it: an axios error carries its request, Authorization included. */
export interface ToldError {
  readonly message: string
  readonly code: string | undefined
  readonly cause: Error
}

export const tellError = (error: unknown, redact: Redact): ToldError => {
  const message = cut(redact(words(error)))
  const code = read(error, 'code')
  const name = read(error, 'name')
  const stack = read(error, 'stack')
  const cause = new Error(message)
  if (typeof name === 'string') cause.name = redact(name)
  cause.stack = typeof stack === 'string' ? redact(stack).slice(0, 4_000) : `${cause.name}: ${message}`
  return { message, code: typeof code === 'string' ? cut(redact(code)) : undefined, cause }
}

/** A Hook's response as a short text; undefined when there is none or it cannot be JSON. */
export const tellResponse = (response: unknown, redact: Redact): string | undefined => {
  if (response === undefined || response === null) return undefined
  try {
    const json = JSON.stringify(response)
    return json === undefined || json === '{}' ? undefined : cut(redact(json))
  } catch {
    return undefined
  }
}
