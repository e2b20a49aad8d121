import { secretTest } from '@onsignup/core'
import { ProblemError } from './problem.ts'

/** What callers send as `Authorization: Bearer`. Null: whoever reaches it may use it; false: nobody may. */
export type CallersToken = string | null | false

/** Throws ProblemError `unauthorized` for who may not call. */
type Guard = (authorization: string | undefined) => void

const BEARER = /^bearer +(\S+)$/i

const nobody: Guard = () => {
  throw new ProblemError({
    status: 401,
    code: 'unauthorized',
    title: 'this handler has no token',
    mend: 'pass { token } to createOnSignup; or token: null where your own code decides who may reach it',
  })
}

/** Refuses an Authorization header without the token. */
export const bearerGuard = (token: CallersToken): Guard => {
  if (token === null) return () => {}
  if (token === false) return nobody
  const isToken = secretTest(token)
  return (authorization = '') => {
    const given = BEARER.exec(authorization)?.[1]
    if (given !== undefined && isToken(given)) return
    throw new ProblemError(
      {
        status: 401,
        code: 'unauthorized',
        title: given === undefined ? 'no bearer token was sent' : 'the bearer token is wrong',
        mend: 'send Authorization: Bearer with server.token of the YAML, or token of createOnSignup',
      },
      { 'WWW-Authenticate': 'Bearer' },
    )
  }
}
