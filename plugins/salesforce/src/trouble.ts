/** One error as Salesforce says it, or ours in its form. */
export interface ApiError {
  readonly code: string
  readonly message: string
  readonly fields: readonly string[]
}

/** What was being done: nothing is written while signing in, nor by asking. */
export type Stage = 'sign-in' | 'read' | 'request'

export interface TroubleDetails {
  readonly stage: Stage
  readonly errors: readonly ApiError[]
  readonly status?: number | undefined
  /** Milliseconds that Retry-After asks for. */
  readonly after?: number | undefined
  /** Sent, but no answer that says what came of it. */
  readonly lost?: boolean
  readonly cause?: unknown
}

/** A request that ended without an answer to use; holds nothing secret. */
export class Trouble extends Error {
  override readonly name = 'Trouble'
  readonly stage: Stage
  readonly errors: readonly ApiError[]
  readonly status: number | undefined
  readonly after: number | undefined
  readonly lost: boolean

  constructor({ stage, errors, status, after, lost = false, cause }: TroubleDetails) {
    super(
      errors.map(({ code, message }) => `${code}: ${message}`).join('; '),
      cause === undefined ? {} : { cause },
    )
    this.stage = stage
    this.errors = errors
    this.status = status
    this.after = after
    this.lost = lost
  }
}

/** One error of ours in the form of Salesforce's. */
export const apiError = (code: string, message: string): ApiError => ({ code, message, fields: [] })

/** What the transport saw of one HTTP exchange, which jsforce's errors leave out. */
export interface Exchange {
  sent?: boolean
  status?: number
  headers?: Headers
  /** Present when it was read to its end. */
  body?: string
}

/** An answer that Salesforce would not give: sent, but what came of it is not known. */
export const unreadable = (stage: Stage, message: string): Trouble =>
  new Trouble({ stage, errors: [apiError('SF_UNREADABLE_ANSWER', message)], lost: true })

/** The JSON of a text, or undefined. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
