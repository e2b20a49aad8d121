import { Failure, type Outcome } from '../outcome.ts'
import { causes } from './describe.ts'

/** Node's and undici's codes of a connection that was not made, or broke before an answer. */
const NO_CONNECTION =
  /^(?:EAI_AGAIN|ECONNABORTED|ECONNECTION|ECONNREFUSED|ECONNRESET|EHOSTDOWN|EHOSTUNREACH|ENETDOWN|ENETUNREACH|ENOTFOUND|EPIPE|ESOCKET|ETIMEDOUT|UND_ERR_.+)$/

/** The engine's codes, and what plugins call it. */
const SILENCE = /^(?:not_sent|stopped|timeout)$|(?:^|_)no_answer$/i

/** Whether an attempt got no answer, as far as its outcome tells: not a refusal, not a server's own error. */
export const isNoAnswer = (outcome: Outcome): boolean => {
  if (!Failure.is(outcome)) return false
  if (outcome.kind !== 'retry') return outcome.kind === 'unknown'
  if (SILENCE.test(outcome.code)) return true
  return causes(outcome).some(
    (cause) => 'code' in cause && typeof cause.code === 'string' && NO_CONNECTION.test(cause.code),
  )
}
