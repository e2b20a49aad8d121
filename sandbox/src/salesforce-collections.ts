import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { readRecord } from './salesforce-check.ts'
import type { RequestError, SaveError } from './salesforce-check.ts'
import type { SalesforceField } from './salesforce-schema.ts'
import { sameKey } from './salesforce-table.ts'
import type { SaveResult, Table } from './salesforce-table.ts'

export type Tables = ReadonlyMap<string, Table>

/** The error commanded for this record, if any. */
export type RecordFault = (record: JsonObject, index: number) => SaveError | undefined

export type Saved = { readonly results: readonly SaveResult[] } | { readonly refused: RequestError }

interface Upsert {
  readonly table: Table
  readonly field: SalesforceField
}

/**
 * Creates or upserts a collection, record by record and in order:
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_upsert.htm
 */
export function saveCollection(
  body: unknown,
  tables: Tables,
  upsert: Upsert | undefined,
  fault: RecordFault,
): Saved {
  const records = isObject(body) ? body['records'] : undefined
  if (!isObject(body) || !Array.isArray(records)) return refuse('JSON_PARSER_ERROR', 'records is required')
  if (records.length > 200) return refuse('EXCEEDED_ID_LIMIT', TOO_MANY)

  const read: { table: Table; values: JsonObject }[] = []
  for (const record of records) {
    const attributes = isObject(record) ? record['attributes'] : undefined
    const type = isObject(attributes) ? attributes['type'] : undefined
    if (!isObject(record) || typeof type !== 'string') {
      return refuse('INVALID_INPUT', 'attributes.type is required for each record')
    }
    const table = tables.get(type.toLowerCase())
    if (table === undefined) return refuse('INVALID_TYPE', `sObject type '${type}' is not supported.`)
    if (upsert !== undefined && table !== upsert.table) {
      return refuse('INVALID_INPUT', `All records must be of type ${upsert.table.object.name}.`)
    }
    const outcome = readRecord(table.object, record)
    if ('refused' in outcome) return outcome
    read.push({ table, values: outcome.values })
  }

  const before = [...tables.values()].map((table) => ({ table, records: [...table.records] }))
  const results = read.map(({ table, values }, index): SaveResult => {
    const commanded = fault(values, index)
    if (commanded !== undefined) return { success: false, errors: [commanded] }
    if (upsert === undefined) return table.create(values)
    const { field } = upsert
    const key = values[field.name]
    if (read.slice(0, index).some((earlier) => sameKey(field, earlier.values[field.name], key))) {
      const message = `Duplicate external id specified: ${String(key)}`
      return { success: false, errors: [{ statusCode: 'DUPLICATE_VALUE', message, fields: [field.name] }] }
    }
    return table.upsert(field, values)
  })
  if (body['allOrNone'] !== true || results.every(({ success }) => success)) return { results }
  for (const { table, records: old } of before) table.records.splice(0, Infinity, ...old)
  return { results: results.map((result) => (result.success ? ROLLED_BACK : result)) }
}

const TOO_MANY = 'record limit reached. cannot submit more than 200 records into this call'

const ROLLED_BACK: SaveResult = {
  success: false,
  errors: [
    {
      statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      message:
        'Record rolled back because not all records were valid and the request was using AllOrNone header',
      fields: [],
    },
  ],
}

function refuse(errorCode: string, message: string): Saved {
  return { refused: { status: 400, errorCode, message } }
}
