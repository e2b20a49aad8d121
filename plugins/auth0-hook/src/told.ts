import { inspect } from 'node:util'
import { pathToFileURL } from 'node:url'
import type { Redact } from '@onsignup/core'

const LONGEST = 500

// Cut again once secrets are taken out: a cut before that could leave half a secret that nobody knows any more.
const LONGEST_UNREDACTED = 16_000

const LONGEST_STACK = 4_000

const cut = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…`.toWellFormed() : text

// A getter of an error that a stranger made may throw.
const read = (value: unknown, name: string): unknown => {
  try {
    return (typeof value === 'object' && value !== null) || typeof value === 'function'
      ? Reflect.get(value, name)
      : undefined
  } catch {
    return undefined
  }
}

const textOf = (value: unknown, name: string): string | undefined => {
  const text = read(value, name)
  return typeof text === 'string' && text !== '' ? text.slice(0, LONGEST_UNREDACTED) : undefined
}

const HERE = pathToFileURL(import.meta.dirname).href

/** A stack down to where the script was called from. */
export const ownStack = (stack: string): string => {
  const lines = stack.split('\n')
  const ours = lines.findIndex((line) => line.includes(HERE))
  return ours < 0 ? stack : lines.slice(0, ours).join('\n')
}

const stackOf = (error: unknown): string | undefined => {
  const stack = textOf(error, 'stack')
  return stack === undefined ? undefined : ownStack(stack)
}

const messageOf = (error: unknown): string => {
  if (typeof error === 'string') return error.slice(0, LONGEST_UNREDACTED)
  const said = textOf(error, 'message') ?? textOf(error, 'name')
  if (said !== undefined) return said
  return typeof error === 'object' && error !== null ? 'an object without a message' : String(error)
}

/** What an error says in plain texts, and nothing else of it: an axios error carries its request, Authorization included. */
export interface ErrorWords {
  readonly message: string
  readonly name?: string | undefined
  readonly code?: string | undefined
  readonly stack?: string | undefined
  /** Of what caused it in the first place: `fetch failed` alone says nothing. */
  readonly cause?: { readonly message: string; readonly code?: string | undefined } | undefined
}

// A getter may make causes without an end.
const DEEPEST_CAUSE = 10

/** What caused an error, what caused that, and so on. */
const causesOf = (error: unknown): readonly unknown[] => {
  const causes: unknown[] = []
  let cause = read(error, 'cause')
  while (cause !== undefined && cause !== error && !causes.includes(cause) && causes.length < DEEPEST_CAUSE) {
    causes.push(cause)
    cause = read(cause, 'cause')
  }
  return causes
}

const causeOf = (error: unknown): ErrorWords['cause'] => {
  let said: string | undefined
  let code: string | undefined
  for (const cause of causesOf(error)) {
    const own = textOf(cause, 'code')
    const message = typeof cause === 'string' ? cause.slice(0, LONGEST_UNREDACTED) : textOf(cause, 'message')
    said = message ?? own ?? said
    code = own ?? code
  }
  return said === undefined ? undefined : { message: said, code }
}

/** The words of whatever a Hook called an error; secrets are still in them. */
export const wordsOf = (error: unknown): ErrorWords => ({
  message: messageOf(error),
  name: textOf(error, 'name'),
  code: textOf(error, 'code'),
  stack: stackOf(error),
  cause: causeOf(error),
})

export interface ToldError {
  /** With what caused it, where it does not say that itself. */
  readonly message: string
  /** Its own, else that of what caused it. */
  readonly code: string | undefined
  /** The error alone. */
  readonly cause: Error
}

/** An error's words as they may be shown. */
export const tellError = (words: ErrorWords, redact: Redact): ToldError => {
  const { message: own, name, stack, cause: why } = words
  const message = cut(redact(own))
  const cause = new Error(message)
  if (name !== undefined) cause.name = cut(redact(name))
  cause.stack =
    stack === undefined ? `${cause.name}: ${message}` : redact(stack).slice(0, LONGEST_STACK).toWellFormed()
  const code = words.code ?? why?.code
  const isTold = why === undefined || own.includes(why.message)
  return {
    message: isTold ? message : cut(redact(`${own}: ${why.message}`)),
    code: code === undefined ? undefined : cut(redact(code)),
    cause,
  }
}

const jsonOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    // A circle or a bigint, which a person can read all the same.
    return inspect(value, { depth: 4, maxArrayLength: 50, maxStringLength: 500, breakLength: Infinity })
  }
}

/** A Hook's response as a text with its secrets; undefined when there is nothing to tell. */
export const responseText = (response: unknown): string | undefined => {
  if (response === undefined || response === null) return undefined
  try {
    const text = jsonOf(response)
    return text === undefined || text === '{}' ? undefined : text.slice(0, LONGEST_UNREDACTED)
  } catch {
    return undefined
  }
}

/** A response's text as it may be shown. */
export const tellResponse = (text: string, redact: Redact): string => cut(redact(text))
