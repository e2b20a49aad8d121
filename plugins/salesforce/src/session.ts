import { createRedact, type Redact, type Services } from '@onsignup/core'
import type { Connection } from 'jsforce/lib/connection.js'
import { z } from 'zod'
import { troubleOf } from './diagnose.ts'
import type { Grant } from './grant.ts'
import { isLoopback, type Options } from './options.ts'
import { guardedTransport } from './transport.ts'
import { apiError, Trouble, type Exchange } from './trouble.ts'

/** What one token opens. Never changed: a renewal makes another. */
export interface Session {
  readonly connection: Connection
  /** Hides the token and the client secret. */
  readonly redact: Redact
  readonly instance: string
  /** The id of the user that the client runs as. */
  readonly user: string | undefined
}

export interface Sessions {
  /** The session in force; signs in when there is none. One sign-in is shared by all who wait. */
  current(signal: AbortSignal): Promise<Session>
  /** A sign-in of its own, which proves that the credentials are good now. */
  fresh(signal: AbortSignal): Promise<Session>
  /** A session other than the one that was refused. */
  renew(refused: Session, signal: AbortSignal): Promise<Session>
  close(): void
}

const SIGN_IN_TIMEOUT = 30_000
const SHORTEST_BETWEEN_RENEWALS = 60_000

const tokenAnswer = z.object({
  // fetch names the whole header in its error when a character of it is not allowed.
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  instance_url: z.string().min(1),
  id: z.string().nullish(),
})

const troubled = (code: string, message: string): Trouble =>
  new Trouble({ stage: 'sign-in', errors: [apiError(code, message)] })

const within = async <T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  const over = () => troubled('SF_NOT_SENT', 'the time was over before a session was open')
  if (signal.aborted) throw over()
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(over())
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([start(), aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

const instanceOf = (
  answer: unknown,
  login: URL,
): { token: string; instance: string; id: string | undefined } => {
  const parsed = tokenAnswer.safeParse(answer)
  if (!parsed.success)
    throw troubled('SF_UNREADABLE_TOKEN', 'the token answer holds no access_token and instance_url')
  const url = URL.parse(parsed.data.instance_url)
  // The token goes there, so that it must be as safe as where the secret went.
  if (url === null || (url.protocol !== 'https:' && !(isLoopback(login) && isLoopback(url)))) {
    throw troubled('SF_FOREIGN_ORIGIN', `the token answer names ${url?.origin ?? 'no URL'} as the instance`)
  }
  return { token: parsed.data.access_token, instance: url.origin, id: parsed.data.id ?? undefined }
}

/** Signs in as the grant says, once for all, and again when a session is refused. */
export const createSessions = (options: Options, grant: Grant, { fetch, clock }: Services): Sessions => {
  const closing = new AbortController()
  const login = new URL(options.login_url)
  let session: Session | undefined
  let signingIn: Promise<Session> | undefined
  let renewedAt = -Infinity

  const signIn = async (): Promise<Session> => {
    const exchange: Exchange = {}
    const late = new AbortController()
    const stop = clock.after(SIGN_IN_TIMEOUT, () => late.abort())
    const signal = AbortSignal.any([closing.signal, late.signal])
    const [{ OAuth2 }, { Connection }] = await Promise.all([
      import('jsforce/lib/oauth2.js'),
      import('jsforce/lib/connection.js'),
    ])
    const { grant_type, ...params } = grant.params()
    // An assertion signs in whoever has it, as long as it lasts.
    const redact = createRedact([...grant.secrets, ...Object.values(params)])
    const guards = { fetch, signal, stage: 'sign-in', redact, exchange } as const
    try {
      const oauth2 = new OAuth2({
        loginUrl: login.origin,
        clientId: options.client_id,
        ...(options.client_secret === undefined ? {} : { clientSecret: options.client_secret }),
      })
      oauth2._transport = await guardedTransport({ ...guards, origins: [login.origin] })
      const answer: unknown = await oauth2.requestToken({ grant_type, ...params })
      const { token, instance, id } = instanceOf(answer, login)
      // Without a client id jsforce sets up no refreshing of its own, which has no end when a fresh session is
      // refused too (jsforce/jsforce#196).
      const connection = new Connection({
        loginUrl: login.origin,
        instanceUrl: instance,
        accessToken: token,
        version: options.api_version,
      })
      connection._transport = await guardedTransport({ ...guards, origins: [] })
      connection.oauth2._transport = connection._transport
      return {
        connection,
        redact: createRedact([...grant.secrets, token]),
        instance,
        user: id?.split('/').at(-1),
      }
    } catch (error) {
      throw troubleOf(error, exchange, { stage: 'sign-in', now: clock.now(), signal })
    } finally {
      stop()
    }
  }

  const shared = (): Promise<Session> => {
    signingIn ??= signIn()
      .then((opened) => (session = opened))
      .finally(() => (signingIn = undefined))
    return signingIn
  }

  return {
    async current(signal) {
      return session ?? within(shared, signal)
    },
    fresh: (signal) => within(shared, signal),
    async renew(refused, signal) {
      if (session !== undefined && session !== refused) return session
      if (session === refused) {
        if (clock.now() - renewedAt < SHORTEST_BETWEEN_RENEWALS) {
          throw troubled('SF_SESSION_REJECTED', 'a session renewed less than a minute ago was refused')
        }
        renewedAt = clock.now()
        session = undefined
      }
      return within(shared, signal)
    },
    close() {
      closing.abort()
    },
  }
}
