import { secretTest } from '@onsignup/core'
import { ProblemError } from './problem.ts'

const BEARER = /^bearer +(\S+)$/i

/** Refuses an Authorization header without the token. */
export const bearerGuard = (token: string): ((authorization: string | undefined) => void) => {
  const isToken = secretTest(token)
  return (authorization = '') => {
    const given = BEARER.exec(authorization)?.[1]
    if (given !== undefined && isToken(given)) return
    throw new ProblemError(
      {
        status: 401,
        code: 'unauthorized',
        title: given === undefined ? 'no bearer token was sent' : 'the bearer token is wrong',
        mend: 'send Authorization: Bearer with the value of server.token',
      },
      { 'WWW-Authenticate': 'Bearer' },
    )
  }
}
