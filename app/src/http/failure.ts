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

/** What was thrown of a request, in the terms of HTTP; logs what nobody foresaw. */
export const failureOf = (error: unknown, path: string, logger: Logger): ProblemError => {
  if (error instanceof ProblemError) return error
  if (error instanceof PublishError) {
    const { code, message: title, mend, problems: errors } = error
    const status = STATUS[code]
    return new ProblemError(
      { status, code, title, mend, errors },
      status === 503 ? { 'Retry-After': RETRY_AFTER } : {},
    )
  }
  logger.error({ err: error, path }, 'a request failed')
  return new ProblemError(
    { status: 503, code: 'store_unavailable', title: 'the request could not be done', mend: 'see the log' },
    { 'Retry-After': RETRY_AFTER },
  )
}

/** What is answered to a request of which this was thrown. */
export const failureAnswer = (error: unknown, path: string, logger: Logger): Answer => {
  const { details, headers } = failureOf(error, path, logger)
  return problemAnswer(details, headers)
}
