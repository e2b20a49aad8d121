import { delivered, retry, unknown, type Outcome, type OutcomeOptions, type Redact } from '@onsignup/core'
import type { End } from './end.ts'
import { tellError, tellResponse, type ErrorWords } from './told.ts'

/** What an end means for the delivery. */
export const outcomeOf = (end: End, redact: Redact, options: OutcomeOptions = {}): Outcome => {
  if (end.how === 'stopped') {
    return unknown('the hook did not finish in time; it may have done its work', {
      ...options,
      code: 'hook_timeout',
      mend: 'have it call cb, or give it a longer timeout',
    })
  }
  if (end.how === 'returned') return delivered(undefined, options)
  if (end.how === 'threw') return failed('threw', end.error, redact, options)
  if (end.error !== undefined) return failed('failed', end.error, redact, options)
  return delivered(end.response === undefined ? undefined : tellResponse(end.response, redact), options)
}

const failed = (how: string, error: ErrorWords, redact: Redact, options: OutcomeOptions): Outcome => {
  const { message, code, cause } = tellError(error, redact)
  return retry(`the hook ${how}: ${message}`, { ...options, code: code ?? 'hook_failed', cause })
}
