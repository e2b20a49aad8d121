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

/** An answer as RFC 9457 has it: `application/problem+json`. */
export const problemResponse = (
  { status, ...details }: ProblemDetails,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(JSON.stringify({ type: 'about:blank', status, ...details }), {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  })
