import { z } from 'zod'
import {
  apiError,
  parseJson,
  Trouble,
  unreadable,
  type ApiError,
  type Exchange,
  type Stage,
} from './trouble.ts'

const restError = z.object({
  errorCode: z.string(),
  message: z.string().catch(''),
  fields: z.array(z.string()).nullish().catch([]),
})

// The guide shows one error without the list around it: dome_upsert.htm, "Incorrect external ID field" (2026-06).
const restErrors = z.union([z.array(restError), restError.transform((error) => [error])])

const oauthError = z.object({ error: z.string(), error_description: z.string().catch('') })

const errorsIn = ({ status, body = '' }: Exchange): readonly ApiError[] => {
  const json = parseJson(body)
  const rest = restErrors.safeParse(json)
  if (rest.success && rest.data.length > 0) {
    return rest.data.map(({ errorCode, message, fields }) => ({
      code: errorCode,
      message,
      fields: fields ?? [],
    }))
  }
  const oauth = oauthError.safeParse(json)
  if (oauth.success) return [apiError(oauth.data.error, oauth.data.error_description)]
  // The list of candidates that comes with 300 holds paths of records; the page of a proxy is anybody's.
  return status === 300
    ? [apiError('MULTIPLE_CHOICES', 'more than one record has this external id')]
    : [apiError(`HTTP_${status}`, `HTTP ${status} without an error code of Salesforce`)]
}

const LONGEST_AFTER = 86_400_000

/** Milliseconds of a Retry-After header, in seconds or a date. */
const retryAfter = (headers: Headers | undefined, now: number): number | undefined => {
  const value = headers?.get('retry-after')?.trim()
  if (value === undefined || value === '') return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_AFTER)
}

const causes = (error: unknown): readonly object[] => {
  const chain: object[] = []
  let at = error
  while (typeof at === 'object' && at !== null && chain.length < 5) {
    chain.push(at)
    at = 'cause' in at ? at.cause : undefined
  }
  return chain
}

const networkError = (
  error: unknown,
): { code: string; message: string; connecting: boolean; cause: unknown } => {
  const chain = causes(error)
  const coded = chain.find((link) => 'code' in link && typeof link.code === 'string')
  const named = coded ?? chain.at(-1)
  return {
    code: coded !== undefined && 'code' in coded ? String(coded.code) : 'SF_NO_ANSWER',
    message: named instanceof Error ? named.message : 'the connection failed',
    connecting: coded !== undefined && 'syscall' in coded && coded.syscall === 'connect',
    cause: coded,
  }
}

const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$|CERT|^ERR_(TLS|SSL|INVALID)|^(UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/

export interface Circumstances {
  readonly stage: Stage
  readonly now: number
  readonly signal: AbortSignal
}

const LONGEST_MESSAGE = 400

const shortLine = (message: string): string => {
  const line = message.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE).toWellFormed()}…` : line
}

/** What is known of a request that failed, from the exchange rather than from jsforce's error. */
export const troubleOf = (
  error: unknown,
  exchange: Exchange,
  { stage, now, signal }: Circumstances,
): Trouble => {
  if (error instanceof Trouble) return error
  const { status, headers } = exchange
  if (status !== undefined && status >= 300) {
    const errors = errorsIn(exchange).map((said) => ({
      ...said,
      message: shortLine(said.message),
    }))
    return new Trouble({ stage, status, after: retryAfter(headers, now), errors })
  }
  if (exchange.body !== undefined) return unreadable(stage, `HTTP ${status} with a body that is not JSON`)
  if (signal.aborted) {
    return exchange.sent === true
      ? new Trouble({
          stage,
          status,
          errors: [apiError('SF_NO_ANSWER', 'no whole answer in time')],
          lost: true,
        })
      : new Trouble({ stage, errors: [apiError('SF_NOT_SENT', 'the time was over before it was sent')] })
  }
  const { code, message, connecting, cause } = networkError(error)
  const lost = exchange.sent === true && !connecting && !NEVER_CONNECTED.test(code)
  return new Trouble({ stage, status, errors: [apiError(code, message)], lost, cause })
}
