import { PublishError, type Logger, type PublishErrorCode } from '@onsignup/core'
import { problemAnswer, ProblemError, type Answer } from './problem.ts'

const RETRY_AFTER = '5'

const STATUS: Record<PublishErrorCode, number> = {
  invalid: 400,
  too_large: 413,
  conflict: 409,
  store_unavailable: 503,
  timeout: 503,
  closed: 503,
}

/** What is answered to a request of which this was thrown. */
export const failureAnswer = (error: unknown, path: string, logger: Logger): Answer => {
  if (error instanceof ProblemError) return problemAnswer(error.details, error.headers)
  if (error instanceof PublishError) {
    const { code, message: title, mend, problems: errors } = error
    const status = STATUS[code]
    return problemAnswer(
      { status, code, title, mend, errors },
      status === 503 ? { 'Retry-After': RETRY_AFTER } : {},
    )
  }
  logger.error({ err: error, path }, 'a request failed')
  return problemAnswer(
    { status: 503, code: 'store_unavailable', title: 'the request could not be done', mend: 'see the log' },
    { 'Retry-After': RETRY_AFTER },
  )
}
