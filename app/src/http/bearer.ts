import { createHash, timingSafeEqual } from 'node:crypto'
import { ProblemError } from './problem.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const BEARER = /^bearer +(\S+)$/i

/** Refuses an Authorization header without the token. Compares digests, so that the time it takes tells nothing. */
export const bearerGuard = (token: string): ((authorization: string | undefined) => void) => {
  const wanted = digest(token)
  return (authorization = '') => {
    const given = BEARER.exec(authorization)?.[1]
    if (given !== undefined && timingSafeEqual(digest(given), wanted)) return
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
