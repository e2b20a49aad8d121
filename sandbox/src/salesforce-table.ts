import type { JsonObject } from './json.ts'
import { checkRecord } from './salesforce-check.ts'
import type { SaveError } from './salesforce-check.ts'
import type { SalesforceField, SalesforceObject } from './salesforce-schema.ts'

export interface SaveResult {
  /** Absent when nothing was saved. */
  readonly id?: string
  readonly success: boolean
  readonly errors: readonly SaveError[]
  /** Of an upsert only. */
  readonly created?: boolean
}

export interface Table {
  readonly object: SalesforceObject
  readonly records: JsonObject[]
  addField(field: SalesforceField): void
  create(values: JsonObject): SaveResult
  update(id: string, values: JsonObject): SaveResult
  upsert(field: SalesforceField, values: JsonObject): SaveResult
}

/** The records of one object, kept to the object's rules. */
export function createTable(initial: SalesforceObject, now: () => number): Table {
  let object = initial
  const records: JsonObject[] = []
  let created = 0

  function matches(field: SalesforceField, value: unknown): readonly JsonObject[] {
    return records.filter((record) => sameKey(field, record[field.name], value))
  }

  function clash(values: JsonObject, self: string | undefined): SaveError | undefined {
    for (const field of object.fields.filter(({ unique }) => unique)) {
      const other = matches(field, values[field.name]).find((record) => record['Id'] !== self)
      if (values[field.name] == null || other === undefined) continue
      const message = `duplicate value found: ${field.name} duplicates value on record with id: ${String(other['Id'])}`
      return { statusCode: 'DUPLICATE_VALUE', message, fields: [] }
    }
    return undefined
  }

  function create(values: JsonObject): SaveResult {
    const errors = [...checkRecord(object, values, undefined)]
    const duplicate = clash(values, undefined)
    if (duplicate !== undefined) errors.push(duplicate)
    if (errors.length > 0) return { success: false, errors }
    created += 1
    const id = recordId(object.keyPrefix, created)
    const stamp = new Date(now()).toISOString().replace('Z', '+0000')
    records.push(
      named({ Id: id, ...defaults(object), ...values, CreatedDate: stamp, LastModifiedDate: stamp }),
    )
    return { id, success: true, errors: [] }
  }

  function update(id: string, values: JsonObject): SaveResult {
    const index = records.findIndex((record) => record['Id'] === id)
    const current = records[index]
    if (current === undefined) {
      const message = 'invalid cross reference id'
      return { success: false, errors: [{ statusCode: 'INVALID_CROSS_REFERENCE_KEY', message, fields: [] }] }
    }
    const errors = [...checkRecord(object, values, current)]
    const duplicate = clash(values, id)
    if (duplicate !== undefined) errors.push(duplicate)
    if (errors.length > 0) return { success: false, errors }
    const stamp = new Date(now()).toISOString().replace('Z', '+0000')
    records[index] = named({ ...current, ...values, LastModifiedDate: stamp })
    return { id, success: true, errors: [] }
  }

  return {
    get object() {
      return object
    },
    records,
    addField(field) {
      object = { ...object, fields: [...object.fields, field] }
    },
    create,
    update,
    upsert(field, values) {
      const key = values[field.name]
      if (key == null) {
        const message = `${field.name} not specified`
        return { success: false, errors: [{ statusCode: 'MISSING_ARGUMENT', message, fields: [] }] }
      }
      const found = matches(field, key)
      if (found.length > 1) {
        const ids = found.map((record) => String(record['Id'])).join(', ')
        const message = `${field.name}: more than one record found for external id field: [${ids}]`
        return { success: false, errors: [{ statusCode: 'DUPLICATE_EXTERNAL_ID', message, fields: [] }] }
      }
      const id = found[0]?.['Id']
      const result = typeof id === 'string' ? update(id, values) : create(values)
      return result.success ? { ...result, created: id === undefined } : result
    },
  }
}

/** Whether two values of an external id mean the same record. */
export function sameKey(field: SalesforceField, one: unknown, other: unknown): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return one === other && one != null
  return field.caseSensitive ? one === other : one.toLowerCase() === other.toLowerCase()
}

function defaults(object: SalesforceObject): JsonObject {
  const values: Record<string, unknown> = {}
  for (const field of object.fields) {
    if (field.type === 'boolean') values[field.name] = false
    if (field.type === 'picklist' && field.defaultedOnCreate) values[field.name] = field.picklistValues[0]
  }
  return values
}

function named(record: JsonObject): JsonObject {
  if (record['LastName'] === undefined) return record
  const parts = [record['FirstName'], record['LastName']].filter((part) => part != null)
  return { ...record, Name: parts.join(' ') }
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

// 15 case-sensitive characters, and 3 that say which of them are capitals:
// https://help.salesforce.com/s/articleView?id=000385008
function recordId(prefix: string, count: number): string {
  let rest = count
  let tail = ''
  while (rest > 0 || tail.length < 8) {
    tail = `${DIGITS[rest % 62]}${tail}`
    rest = Math.floor(rest / 62)
  }
  const id = `${prefix}Sb00${tail}`
  const suffix = [0, 5, 10].map((start) => {
    const capitals = Array.from(id.slice(start, start + 5), (char) => (/[A-Z]/.test(char) ? 1 : 0))
    const bits = capitals.reduce<number>((sum, bit, index) => sum + (bit << index), 0)
    return 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'[bits]
  })
  return id + suffix.join('')
}
