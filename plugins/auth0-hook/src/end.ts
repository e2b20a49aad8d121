import type { Auth0HookView } from './hook-view.ts'
import { responseText, wordsOf, type ErrorWords } from './told.ts'

/** How the call of a script's function ended; the first of its ends counts. */
export type End =
  | {
      readonly how: 'called back'
      readonly error?: ErrorWords | undefined
      readonly response?: string | undefined
      /** All that its caller is to be told, as JSON; only where the setup asks for it. */
      readonly said?: string | undefined
    }
  | { readonly how: 'threw'; readonly error: ErrorWords }
  | { readonly how: 'returned' }
  | { readonly how: 'stopped' }

/** Whether a function's return is a promise, of whatever make. */
export const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** What a call of `cb` says. Auth0 asks `if (error)`: null, undefined and what else is false mean that all went well. */
export const calledBack = (
  error: unknown,
  response: unknown,
  { user, context }: Auth0HookView,
): Extract<End, { how: 'called back' }> => {
  if (error) return { how: 'called back', error: wordsOf(error) }
  // Old samples answer with what they were given, which is nothing to keep.
  const echo = response === user || response === context
  return { how: 'called back', response: echo ? undefined : responseText(response) }
}
