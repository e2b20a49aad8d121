import { Failure, type Outcome, type Redact } from '@onsignup/core'
import { z } from 'zod'
import type { End } from './end.ts'
import { NOT_JSON } from './runner/said.ts'
import { tellError, type ErrorWords } from './told.ts'

/** What a script said to whoever called its extensibility point: protocol v6, without what HTTP adds. */
export type Said =
  | { readonly status: 'success'; readonly data?: unknown }
  /** The own properties of the error. */
  | { readonly status: 'error'; readonly data: Readonly<Record<string, unknown>> }

const saidSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('success'), data: z.unknown().optional() }),
  z.object({ status: z.literal('error'), data: z.record(z.string(), z.unknown()) }),
])

const saidInWords = (words: ErrorWords, redact: Redact): Said => {
  // Auth0's caller was told of the error alone.
  const { code, cause } = tellError({ ...words, cause: undefined }, redact)
  const { message, name, stack } = cause
  return { status: 'error', data: { stack, message, name, ...(code !== undefined && { code }) } }
}

/** What an end says, without secrets; undefined where the script ended without a word. */
export const saidAtEnd = (end: End, redact: Redact): Said | undefined => {
  if (end.how === 'threw') return saidInWords(end.error, redact)
  if (end.how !== 'called back' || end.said === undefined) return undefined
  try {
    return saidSchema.parse(
      JSON.parse(end.said, (_key, value: unknown) => (typeof value === 'string' ? redact(value) : value)),
    )
  } catch {
    // The script had a hand in it.
    return { status: 'error', data: { stack: `Error: ${NOT_JSON}`, message: NOT_JSON } }
  }
}

/** What is said of a run that ended without a word: Auth0 never answered. */
export const saidOfOutcome = (outcome: Outcome): Said => {
  if (!Failure.is(outcome)) return { status: 'success', data: {} }
  const { message, code, mend } = outcome
  return { status: 'error', data: { message, code, ...(mend !== undefined && { mend }) } }
}
