import { PublishError, type Logger, type PublishErrorCode } from '@onsignup/core'
import type { Dispatcher, RegistrationBus, Store } from '@onsignup/core/engine'
import { Hono, type Context } from 'hono'
import type { Metrics } from '../metrics.ts'
import { requireBearer } from './bearer.ts'
import { readBody } from './body.ts'
import { connectorRoutes } from './connectors.ts'
import { deliveryRoutes } from './deliveries.ts'
import { problemResponse, ProblemError } from './problem.ts'
import { deliveryJson } from './views.ts'

export interface ApiPorts {
  readonly bus: RegistrationBus
  readonly dispatcher: Dispatcher
  readonly store: Store
  readonly logger: Logger
  readonly metrics: Metrics
  readonly now: () => number
  /** Null: whoever reaches it may use it. */
  readonly token: string | null
  /** Where it is mounted, as `/api/onsignup`. Default: the root. */
  readonly basePath?: string
}

const RETRY_AFTER = '5'

const STATUS: Record<PublishErrorCode, number> = {
  invalid: 400,
  too_large: 413,
  conflict: 409,
  store_unavailable: 503,
  timeout: 503,
  closed: 503,
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i

const jsonBody = async (c: Context): Promise<unknown> => {
  if (!JSON_TYPE.test(c.req.header('Content-Type') ?? '')) {
    throw new ProblemError({
      status: 415,
      code: 'not_json',
      title: `Content-Type is ${c.req.header('Content-Type') ?? 'missing'}`,
      mend: 'send application/json',
    })
  }
  const body = await readBody(c.req.raw)
  try {
    return JSON.parse(body)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new ProblemError({
      status: 400,
      code: 'invalid_json',
      title: 'the body is not JSON',
      detail: error.message,
      errors: [{ path: '', message: error.message }],
    })
  }
}

const publishProblem = (error: PublishError) => {
  const status = STATUS[error.code]
  return problemResponse(
    { status, code: error.code, title: error.message, mend: error.mend, errors: error.problems },
    status === 503 ? { 'Retry-After': RETRY_AFTER } : {},
  )
}

/** The HTTP interface as a web-standard handler; see docs/http.md. */
export const createApi = (ports: ApiPorts): Hono => {
  const { bus, dispatcher, store, logger, metrics, now, token, basePath = '/' } = ports
  const api = new Hono().basePath(basePath)

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

  // What is registered from here on is closed, so that no route can be forgotten.
  if (token !== null) api.use(requireBearer(token))

  api.post('/events', async (c) => c.json(await bus.publish(await jsonBody(c)), 202))

  api.get('/events/:id', async (c) => {
    const id = c.req.param('id')
    const event = await store.event(id)
    if (event === null) {
      throw new ProblemError({ status: 404, code: 'not_found', title: `there is no event ${id}` })
    }
    const deliveries = await store.deliveries({ event: id, limit: 1_000 }, now())
    return c.json({ event, deliveries: deliveries.toReversed().map(deliveryJson) })
  })

  api.delete('/users/:user', async (c) => {
    const { events } = await dispatcher.forget(c.req.param('user'))
    return c.json({ forgotten: events })
  })

  api.get('/metrics', async (c) => {
    c.header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    return c.body(await metrics.show())
  })

  api.route('/connectors', connectorRoutes({ dispatcher, store, now }))
  api.route('/deliveries', deliveryRoutes({ dispatcher, store, now }))

  api.notFound((c) =>
    problemResponse({ status: 404, code: 'not_found', title: `there is no ${c.req.method} ${c.req.path}` }),
  )
  api.onError((error, c) => {
    if (error instanceof PublishError) return publishProblem(error)
    if (error instanceof ProblemError) return problemResponse(error.details, error.headers)
    logger.error({ err: error, path: c.req.path }, 'a request failed')
    return problemResponse(
      { status: 503, code: 'store_unavailable', title: 'the request could not be done', mend: 'see the log' },
      { 'Retry-After': RETRY_AFTER },
    )
  })
  return api
}
