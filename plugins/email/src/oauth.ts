import { createRedact, Failure, type Redact, type Services } from '@onsignup/core'
import { z } from 'zod'
import { safeAnswer } from './answer.ts'
import type { Grant } from './oauth-grant.ts'
import { NO_ANSWER, TOKEN_CLASSES, type TokenRow } from './oauth-classes.ts'

/** A token and until when it is good, in epoch milliseconds. */
export interface Token {
  readonly value: string
  readonly expires: number
}

/** Where the connections of a pool get their token. */
export interface Tokens {
  /** A token that is good for a while: one request for all that ask at once. Throws a Failure. */
  get(): Promise<Token>
  /** Forgets the token, which the server refused. */
  drop(): void
  /** Redacts the tokens and what they are got with. */
  readonly redact: Redact
  /** The endpoint's address. */
  readonly url: string
}

const PATIENCE = 30_000
// RFC 6749, 5.1: without expires_in it is up to the endpoint; an hour is what both big ones give.
const USUAL = 3_600
// So that a token does not expire on its way; Google and Microsoft give the same one until it has.
const MARGIN = 60_000

const answerSchema = z.object({
  access_token: z.string().min(1).optional(),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
  refresh_token: z.string().min(1).optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
})

type Answer = z.output<typeof answerSchema>

const read = (body: string): Answer => {
  try {
    return answerSchema.parse(JSON.parse(body))
  } catch {
    return {}
  }
}

/** Makes it; asks for nothing before the first `get`. */
export const createTokens = (grant: Grant, { fetch, clock }: Pick<Services, 'fetch' | 'clock'>): Tokens => {
  let current: Token | undefined
  let newest: string | undefined
  let asking: Promise<Token> | undefined
  let redact = createRedact(grant.secrets)

  const failure = (row: TokenRow, code: string, said: string): Failure => {
    const { host } = new URL(grant.tokenUrl)
    const answer = safeAnswer(said, redact)
    return new Failure(row.kind, `${host} ${row.what}${answer === '' ? '' : `: ${answer}`}`, {
      code,
      mend: row.mend,
      cause: new Error(answer || row.what),
    })
  }

  const ask = async (): Promise<Token> => {
    let status: number
    let body: string
    try {
      const response = await fetch(grant.tokenUrl, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: new URLSearchParams(grant.form(newest)),
        // The credentials go to nobody but the address that was written.
        redirect: 'manual',
        signal: AbortSignal.timeout(PATIENCE),
      })
      ;({ status } = response)
      body = await response.text()
    } catch (error) {
      throw failure(NO_ANSWER, 'token_unreachable', error instanceof Error ? error.message : '')
    }
    const answer = read(body)
    const { access_token: value, expires_in: seconds = USUAL, error = '' } = answer
    if (status === 200 && value !== undefined && !/[\0-\x20\x7F]/.test(value)) {
      newest = answer.refresh_token ?? newest
      redact = createRedact([...grant.secrets, value, ...(newest === undefined ? [] : [newest])])
      return { value, expires: clock.now() + seconds * 1_000 }
    }
    const row =
      TOKEN_CLASSES.find((each) => each.error?.test(error) ?? each.status?.test(String(status))) ?? NO_ANSWER
    const description = answer.error_description?.split(/\r?\n/)[0] ?? ''
    throw failure(
      row,
      error === '' ? `token_${status}` : error,
      [error, description].filter(Boolean).join(': '),
    )
  }

  return {
    url: grant.tokenUrl,
    redact: (text) => redact(text),
    drop() {
      current = undefined
    },
    get() {
      if (current !== undefined && current.expires - MARGIN > clock.now()) return Promise.resolve(current)
      asking ??= ask()
        .then((token) => (current = token))
        .finally(() => (asking = undefined))
      return asking
    },
  }
}
