import type { Services } from '@onsignup/core'
import { troubleOf } from './diagnose.ts'
import type { Grant } from './grant.ts'
import type { Options } from './options.ts'
import { createSessions, type Session } from './session.ts'
import { guardedTransport } from './transport.ts'
import { apiError, parseJson, Trouble, unreadable, type Exchange } from './trouble.ts'

/** A request to the instance. */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What was read of an answer that is JSON. */
export interface Answer {
  readonly json: unknown
  /** API calls of the last 24 hours, as `Sforce-Limit-Info` says. */
  readonly usage: string | undefined
}

/** Salesforce behind jsforce, made safe; throws nothing but Trouble. */
export interface Client {
  /** Signs in anew, whatever session there is. */
  signIn(signal: AbortSignal): Promise<{ readonly instance: string; readonly user: string | undefined }>
  send(ask: Ask, signal: AbortSignal): Promise<Answer>
  close(): void
}

const isSessionRefused = (trouble: Trouble): boolean =>
  trouble.status === 401 || trouble.errors.some(({ code }) => code === 'INVALID_SESSION_ID')

const refusedAgain = (trouble: Trouble): Trouble =>
  new Trouble({
    stage: trouble.stage,
    status: trouble.status,
    errors: [apiError('SF_SESSION_REJECTED', `a fresh session was refused: ${trouble.message}`)],
  })

/** The client of a connector: opens no network until it is used. */
export const createClient = (options: Options, grant: Grant, services: Services): Client => {
  const { fetch, clock } = services
  const sessions = createSessions(options, grant, services)
  const login = new URL(options.login_url).origin

  const once = async (
    { connection, instance, redact }: Session,
    ask: Ask,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const exchange: Exchange = {}
    const stage = ask.method === 'GET' ? 'read' : 'request'
    try {
      const transport = await guardedTransport({
        fetch,
        signal,
        stage,
        origins: [login, instance],
        redact,
        exchange,
      })
      const { method, path, headers, body } = ask
      await connection.request(
        { method, url: path, headers: { ...headers }, ...(body === undefined ? {} : { body }) },
        { transport },
      )
    } catch (error) {
      throw troubleOf(error, exchange, { stage, now: clock.now(), signal })
    }
    // jsforce hands out an HTML page, or nothing, as a success when its status is 2xx.
    const json = parseJson(exchange.body ?? '')
    if (json === undefined) throw unreadable(stage, `HTTP ${exchange.status} with a body that is not JSON`)
    const usage = /api-usage=(\d+\/\d+)/.exec(exchange.headers?.get('sforce-limit-info') ?? '')?.[1]
    return { json, usage }
  }

  return {
    async signIn(signal) {
      const { instance, user } = await sessions.fresh(signal)
      return { instance, user }
    },
    async send(ask, signal) {
      const session = await sessions.current(signal)
      try {
        return await once(session, ask, signal)
      } catch (error) {
        if (!(error instanceof Trouble) || !isSessionRefused(error)) throw error
      }
      const renewed = await sessions.renew(session, signal)
      try {
        return await once(renewed, ask, signal)
      } catch (error) {
        throw error instanceof Trouble && isSessionRefused(error) ? refusedAgain(error) : error
      }
    },
    close() {
      sessions.close()
    },
  }
}
