import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { problemResponse } from './problem.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const BEARER = /^bearer +(\S+)$/i

/** Refuses requests without the token. Compares digests, so that the time it takes tells nothing. */
export const requireBearer = (token: string): MiddlewareHandler => {
  const wanted = digest(token)
  return async (c, next) => {
    const given = BEARER.exec(c.req.header('Authorization') ?? '')?.[1]
    if (given !== undefined && timingSafeEqual(digest(given), wanted)) return next()
    return problemResponse(
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
