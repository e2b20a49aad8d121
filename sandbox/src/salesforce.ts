import { Hono } from 'hono'
import { HTTP_KINDS, inScope, serveDouble } from './http-double.ts'
import type { RecordedRequest } from './http-double.ts'
import type { JsonObject } from './json.ts'
import { createFaults } from './misbehaviour.ts'
import type { FaultHandle, SalesforceFault } from './misbehaviour.ts'
import type { SaveError } from './salesforce-check.ts'
import { createOAuth, oauthError, ORGANISATION, USER } from './salesforce-oauth.ts'
import { OBJECTS } from './salesforce-objects.ts'
import { createRest, notFound, restError } from './salesforce-rest.ts'
import type { SalesforceField, SalesforceObject } from './salesforce-schema.ts'
import { refuseVersion, VERSIONS } from './salesforce-versions.ts'
import { createTable } from './salesforce-table.ts'

export interface SalesforceOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly clientId?: string
  readonly clientSecret?: string
  readonly refreshToken?: string
  /** PEM of the certificate's key; without it any well-formed JWT assertion is believed. */
  readonly publicKey?: string
  /** In place of Lead, Contact and Account. */
  readonly objects?: readonly SalesforceObject[]
  /** Milliseconds since 1970. */
  readonly clock?: () => number
}

export interface SalesforceDouble {
  /** Login URL and instance URL. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  readonly requests: readonly RecordedRequest[]
  /** What `Sforce-Limit-Info` and /limits tell; set it to play a nearly used-up day. */
  readonly apiUsage: { used: number; limit: number }
  records(object: string): readonly JsonObject[]
  /** The first record of an object that holds these values. */
  find(object: string, values: JsonObject): JsonObject | undefined
  /** Makes a field, as an administrator does in Setup; throws for an object that is not there. */
  addField(object: string, field: SalesforceField): void
  misbehave(fault: SalesforceFault): FaultHandle
  /** Ends all misbehaviour. */
  behave(): void
  /** Every access token given out so far stops working. */
  expireSessions(): void
  /** Forgets records and requests, and behaves again; sessions stay. */
  reset(): void
  close(): Promise<void>
}

/** Starts a stand-in for a Salesforce org's OAuth and REST API on loopback. */
export async function startSalesforce(options: SalesforceOptions = {}): Promise<SalesforceDouble> {
  const now = options.clock ?? Date.now
  const clientId = options.clientId ?? 'sandbox-client-id'
  const clientSecret = options.clientSecret ?? 'sandbox-client-secret'
  const refreshToken = options.refreshToken ?? '5Aep-sandbox-refresh-token'
  const faults = createFaults<SalesforceFault>()
  const oauth = createOAuth({ clientId, clientSecret, refreshToken, publicKey: options.publicKey, now })
  const apiUsage = { used: 18, limit: 5000 }
  const objects = options.objects ?? OBJECTS
  const tables = new Map(objects.map((object) => [object.name.toLowerCase(), createTable(object, now)]))

  const app = new Hono()
  app.use('/services/*', async (c, next) => {
    await next()
    c.header('sforce-limit-info', `api-usage=${apiUsage.used}/${apiUsage.limit}`)
  })
  app.use('/services/*', async (c, next) => {
    const fault = faults.take(['error', 'expired-session'], (it) => {
      const sessionless = it.kind === 'expired-session' && c.req.path.startsWith('/services/oauth2/')
      return inScope(it, c.req) && !sessionless
    })
    if (fault === undefined) return next()
    if (fault.kind === 'expired-session') return invalidSession()
    const message = fault.message ?? fault.errorCode
    if (c.req.path.startsWith('/services/oauth2/')) return oauthError(fault.errorCode, message, fault.status)
    return restError(fault.status ?? 400, fault.errorCode, message)
  })
  app.post('/services/oauth2/token', async (c) => {
    const form = new URLSearchParams(await c.req.text())
    return oauth.token(form, c.req.header('authorization'), new URL(c.req.url).origin)
  })
  app.on(['GET', 'POST'], '/services/oauth2/userinfo', (c) => {
    // A refused userinfo call gets words, not JSON.
    if (!oauth.isLive(c.req.header('authorization'))) return c.text('Bad_OAuth_Token', 403)
    const { origin } = new URL(c.req.url)
    return c.json({
      sub: `${origin}/id/${ORGANISATION}/${USER}`,
      user_id: USER,
      organization_id: ORGANISATION,
      preferred_username: 'integration@sandbox.example',
      name: 'Integration User',
      email: 'integration@sandbox.example',
      email_verified: true,
      active: true,
      urls: { rest: `${origin}/services/data/v{version}/` },
    })
  })
  app.get('/services/data', (c) => c.json(VERSIONS))
  app.use('/services/data/:version/*', async (c, next) => {
    const refusal = refuseVersion(c.req.param('version'))
    if (refusal !== undefined) return refusal
    return oauth.isLive(c.req.header('authorization')) ? next() : invalidSession()
  })
  app.route('/', createRest({ tables, apiUsage, recordFault }))
  app.notFound(() => notFound())

  function recordFault(path: string, method: string) {
    return (record: JsonObject, index: number): SaveError | undefined => {
      const fault = faults.take(['record-error'], (it) => {
        const here = it.index === undefined || it.index === index
        return here && inScope(it, { path, method }) && holds(record, it.where ?? {})
      })
      if (fault === undefined) return undefined
      const { statusCode } = fault
      return { statusCode, message: fault.message ?? statusCode, fields: fault.fields ?? [] }
    }
  }

  const records = (object: string) => tables.get(object.toLowerCase())?.records ?? []
  const double = await serveDouble({
    port: options.port ?? 0,
    fault: (request) => faults.take(HTTP_KINDS, (it) => inScope(it, request)),
    answer: (request) => app.fetch(request),
    rateLimited: () => ({
      body: '[{"message":"Too many requests, try again later.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]',
      type: 'application/json;charset=UTF-8',
    }),
  })
  return {
    url: double.origin,
    clientId,
    clientSecret,
    refreshToken,
    requests: double.requests,
    apiUsage,
    records,
    find: (object, values) => records(object).find((record) => holds(record, values)),
    addField(object, field) {
      const table = tables.get(object.toLowerCase())
      if (table === undefined) throw new Error(`there is no object ${object}`)
      table.addField(field)
    },
    misbehave: (fault) => faults.add(fault),
    behave: () => faults.clear(),
    expireSessions: () => oauth.expireSessions(),
    reset() {
      faults.clear()
      for (const table of tables.values()) table.records.length = 0
      double.requests.length = 0
    },
    close: () => double.close(),
  }
}

function invalidSession(): Response {
  return restError(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
}

function holds(record: JsonObject, values: JsonObject): boolean {
  return Object.entries(values).every(([name, value]) => record[name] === value)
}
