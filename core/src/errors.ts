/** Every code an OnSignupError can have; codes are never reused. */
export const ERROR_CODES = [
  'alerts_invalid',
  'connector_ambiguous',
  'connector_invalid',
  'connector_duplicate',
  'connector_taken',
  'connector_unknown',
  'container_circle',
  'container_duplicate',
  'container_missing',
  'contract_unsupported',
  'duration_invalid',
  'file_unreadable',
  'not_listening',
  'options_invalid',
  'period_invalid',
  'rate_invalid',
  'started_already',
  'state_invalid',
  'store_locked',
  'store_newer',
  'store_unavailable',
  'template_invalid',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export interface ErrorDetails {
  /** What to do about it. */
  readonly mend?: string
  readonly cause?: unknown
}

/** An error of this project: a stable code, what happened with which value, and what to do. */
export class OnSignupError<Code extends string = ErrorCode> extends Error {
  override readonly name: string = 'OnSignupError'
  readonly code: Code
  readonly mend: string | undefined

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.mend = details.mend
  }
}

/** One thing wrong with an input, and where. */
export interface Problem {
  /** As `user.email`; empty for the whole. */
  readonly path: string
  readonly message: string
}

/** Why `publish` rejected. `timeout` and `store_unavailable`: it may have been stored, and a repeat is safe. */
export const PUBLISH_ERROR_CODES = [
  'invalid',
  'too_large',
  'conflict',
  'store_unavailable',
  'timeout',
  'closed',
] as const

export type PublishErrorCode = (typeof PUBLISH_ERROR_CODES)[number]

/** The only error that `publish` rejects with. */
export class PublishError extends OnSignupError<PublishErrorCode> {
  override readonly name = 'PublishError'
  readonly problems: readonly Problem[]

  constructor(
    code: PublishErrorCode,
    message: string,
    details: ErrorDetails & { readonly problems?: readonly Problem[] } = {},
  ) {
    super(code, message, details)
    this.problems = details.problems ?? []
  }
}
