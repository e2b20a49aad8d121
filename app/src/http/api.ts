import type { Logger } from '@onsignup/core'
import type { Dispatcher, RegistrationBus, Store } from '@onsignup/core/engine'
import type { Endpoint } from '@onsignup/sources'
import { Hono, type MiddlewareHandler } from 'hono'
import type { Metrics } from '../metrics.ts'
import { backfillRoutes } from './backfill.ts'
import { bearerGuard, type CallersToken } from './bearer.ts'
import { readInto } from './body.ts'
import { failureAnswer } from './failure.ts'
import { EVENTS_PATH, type Intake } from './intake.ts'
import { actingRoutes, askingRoutes } from './operating.ts'
import { problemResponse, toResponse } from './problem.ts'
import { createReceiver, type Receiver } from './receive.ts'
import { againRoutes } from './refused.ts'

export interface ApiPorts {
  readonly intake: Intake
  /** Where the identity providers send to, each of which knows its senders by itself. */
  readonly endpoints: readonly Endpoint[]
  readonly bus: Pick<RegistrationBus, 'publish'>
  readonly dispatcher: Dispatcher
  readonly store: Store
  readonly logger: Logger
  readonly metrics: Metrics
  readonly now: () => number
  readonly token: CallersToken
  /** Where it is mounted, as `/api/onsignup`. Default: the root. */
  readonly basePath?: string
}

/** The HTTP interface as a web-standard handler; see docs/http.md. */
export const createApi = (ports: ApiPorts): Hono => {
  const { intake, endpoints, bus, dispatcher, store, logger, metrics, now, token, basePath = '/' } = ports
  // A slash at the end is easily added in a provider's form, and Auth0 never sends again what met a 404.
  const api = new Hono({ strict: false }).basePath(basePath)

  const receivers = new Map<string, Receiver>()
  for (const endpoint of endpoints) {
    const receiver = createReceiver(endpoint, { bus, store, logger, metrics, now })
    receivers.set(endpoint.path, receiver)
    api.all(endpoint.path, async ({ req }) => {
      const head = { method: req.method, header: (name: string) => req.header(name) }
      return toResponse(await receiver.receive(head, readInto(req.raw)))
    })
  }

  const mustBear = bearerGuard(token)
  const guard: MiddlewareHandler = (c, next) => {
    mustBear(c.req.header('Authorization'))
    return next()
  }
  // Nobody was let in, so that even the probes are closed.
  if (token === false) api.use(guard)

  api.get('/healthz', (c) => c.json({ status: 'live' }))
  api.get('/readyz', async (c) => {
    try {
      await store.probe()
    } catch (error) {
      logger.warn({ err: error }, 'not ready: the store cannot write')
      return problemResponse({ status: 503, code: 'store_unavailable', title: 'the store cannot write' })
    }
    return dispatcher.running
      ? c.json({ status: 'ready' })
      : problemResponse({ status: 503, code: 'not_started', title: 'the connectors are not started' })
  })

  api.post(EVENTS_PATH, async (c) => {
    const { req } = c
    const [authorization, contentType] = [req.header('Authorization'), req.header('Content-Type')]
    return toResponse(await intake({ authorization, contentType, read: readInto(req.raw) }))
  })

  // What is registered from here on is closed, so that no route can be forgotten.
  api.use(guard)

  api.get('/metrics', async (c) => {
    c.header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    return c.body(await metrics.show())
  })

  api.route('/connectors', backfillRoutes({ dispatcher }))
  api.route('/', askingRoutes({ store, now }))
  api.route('/', actingRoutes({ operator: dispatcher, store, now }))
  api.route('/refused', againRoutes({ store, receivers }))

  api.notFound((c) =>
    problemResponse({ status: 404, code: 'not_found', title: `there is no ${c.req.method} ${c.req.path}` }),
  )
  api.onError((error, c) => toResponse(failureAnswer(error, c.req.path, logger)))
  return api
}
