import type { Problem } from '@onsignup/core'

export interface ProblemDetails {
  readonly status: number
  /** Stable, for scripts. */
  readonly code: string
  readonly title: string
  readonly detail?: string
  /** What to do. */
  readonly mend?: string | undefined
  readonly errors?: readonly Problem[]
}

/** A request that cannot be done, thrown by a route. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly details: ProblemDetails
  readonly headers: Readonly<Record<string, string>>

  constructor(details: ProblemDetails, headers: Readonly<Record<string, string>> = {}) {
    super(details.title)
    this.details = details
    this.headers = headers
  }
}

/** What is answered, whatever kind of server does it. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const toResponse = ({ body, ...init }: Answer): Response => new Response(body, init)

/** An answer as RFC 9457 has it: `application/problem+json`. */
export const problemAnswer = (
  { status, ...details }: ProblemDetails,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'Content-Type': 'application/problem+json', ...headers },
  body: JSON.stringify({ type: 'about:blank', status, ...details }),
})

export const problemResponse = (...problem: Parameters<typeof problemAnswer>): Response =>
  toResponse(problemAnswer(...problem))
