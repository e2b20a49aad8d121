import { Hono } from 'hono'
import type { Context } from 'hono'
import { parseJson, isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { readRecord } from './salesforce-check.ts'
import { saveCollection } from './salesforce-collections.ts'
import type { RecordFault, Saved, Tables } from './salesforce-collections.ts'
import { describeBriefly, describeObject } from './salesforce-schema.ts'
import type { SalesforceField } from './salesforce-schema.ts'
import type { SaveResult, Table } from './salesforce-table.ts'

export interface RestParts {
  readonly tables: Tables
  readonly apiUsage: { readonly used: number; readonly limit: number }
  readonly recordFault: (path: string, method: string) => RecordFault
}

/** The REST resources below /services/data/vXX.0, for a session already checked. */
export function createRest({ tables, apiUsage, recordFault }: RestParts): Hono {
  const app = new Hono().basePath('/services/data/:version')
  const table = (name: string): Table | undefined => tables.get(name.toLowerCase())
  const base = (c: Context): string => c.req.path.split('/').slice(0, 4).join('/')
  const fault = (c: Context): RecordFault => recordFault(c.req.path, c.req.method)

  app.get('/', (c) => {
    const names = ['sobjects', 'composite', 'limits', 'query', 'search', 'identity']
    return c.json(Object.fromEntries(names.map((name) => [name, `${base(c)}/${name}`])))
  })
  app.get('/limits', (c) => {
    const { used, limit } = apiUsage
    return c.json({
      DailyApiRequests: { Max: limit, Remaining: limit - used },
      DataStorageMB: { Max: 5, Remaining: 5 },
      DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 10_000 },
    })
  })
  app.get('/sobjects', (c) => {
    const sobjects = [...tables.values()].map(({ object }) => describeBriefly(object, base(c)))
    return c.json({ encoding: 'UTF-8', maxBatchSize: 200, sobjects })
  })
  app.get('/sobjects/:type/describe', (c) => {
    const found = table(c.req.param('type'))
    return found === undefined ? notFound() : c.json(describeObject(found.object, base(c)))
  })

  app.post('/composite/sobjects', async (c) => {
    const body = parseJson(await c.req.text())
    return body === undefined
      ? unreadable()
      : collectionAnswer(saveCollection(body, tables, undefined, fault(c)))
  })
  app.patch('/composite/sobjects/:type/:field', async (c) => {
    const found = table(c.req.param('type'))
    if (found === undefined) return notFound()
    const field = externalId(found, c.req.param('field'))
    if (field === undefined) return noExternalId(c.req.param('field'))
    const body = parseJson(await c.req.text())
    if (body === undefined) return unreadable()
    return collectionAnswer(saveCollection(body, tables, { table: found, field }, fault(c)))
  })

  app.post('/sobjects/:type', async (c) => {
    const found = table(c.req.param('type'))
    if (found === undefined) return notFound()
    return single(found, await c.req.text(), {}, fault(c), (values) => found.create(values))
  })
  app.patch('/sobjects/:type/:id', async (c) => {
    const found = table(c.req.param('type'))
    const id = c.req.param('id')
    if (found === undefined || !found.records.some((record) => record['Id'] === id)) return notFound()
    const answer = await single(found, await c.req.text(), {}, fault(c), (values) => found.update(id, values))
    return answer.ok ? new Response(null, { status: 204 }) : answer
  })
  app.patch('/sobjects/:type/:field/:value', async (c) => {
    const found = table(c.req.param('type'))
    if (found === undefined) return notFound()
    const field = externalId(found, c.req.param('field'))
    if (field === undefined) return noExternalId(c.req.param('field'))
    const key = { [field.name]: c.req.param('value') }
    return single(found, await c.req.text(), key, fault(c), (values) => found.upsert(field, values))
  })
  app.all('*', notFound)
  return app
}

/** An error of a whole request, as the REST API words it. */
export function restError(status: number, errorCode: string, message: string, fields?: unknown): Response {
  return Response.json([{ message, errorCode, ...(fields === undefined ? {} : { fields }) }], { status })
}

/** The answer to a resource that is not there. */
export function notFound(): Response {
  return restError(404, 'NOT_FOUND', 'The requested resource does not exist')
}

function single(
  table: Table,
  text: string,
  key: JsonObject,
  fault: RecordFault,
  save: (values: JsonObject) => SaveResult,
): Response {
  const body = parseJson(text)
  if (!isObject(body)) return unreadable()
  const read = readRecord(table.object, { ...body, ...key })
  if ('refused' in read) return restError(read.refused.status, read.refused.errorCode, read.refused.message)
  const commanded = fault(read.values, 0)
  const result = commanded === undefined ? save(read.values) : { success: false, errors: [commanded] }
  if (result.success) return Response.json(result, { status: result.created === false ? 200 : 201 })
  const errors = result.errors.map(({ statusCode, ...rest }) => ({ ...rest, errorCode: statusCode }))
  const status = errors.some(({ errorCode }) => errorCode === 'DUPLICATE_EXTERNAL_ID') ? 300 : 400
  return Response.json(errors, { status })
}

function collectionAnswer(saved: Saved): Response {
  if ('results' in saved) return Response.json(saved.results)
  return restError(saved.refused.status, saved.refused.errorCode, saved.refused.message)
}

// An upsert takes external ids, and standard fields that the platform indexes.
function externalId(table: Table, name: string): SalesforceField | undefined {
  const field = table.object.fields.find((it) => it.name.toLowerCase() === name.toLowerCase())
  return field !== undefined && field.name !== 'Id' && (field.externalId || field.idLookup)
    ? field
    : undefined
}

function noExternalId(name: string): Response {
  const message = `Provided external ID field does not exist or is not accessible: ${name}`
  return restError(404, 'NOT_FOUND', message)
}

function unreadable(): Response {
  return restError(
    400,
    'JSON_PARSER_ERROR',
    'The HTTP entity body is required, but this request has no readable one',
  )
}
