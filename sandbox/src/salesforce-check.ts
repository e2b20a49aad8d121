import type { JsonObject } from './json.ts'
import type { SalesforceField, SalesforceObject } from './salesforce-schema.ts'

/** One record's error, as in a SaveResult. */
export interface SaveError {
  readonly statusCode: string
  readonly message: string
  readonly fields: readonly string[]
}

/** An error of a whole request. */
export interface RequestError {
  readonly status: number
  readonly errorCode: string
  readonly message: string
}

/** A record under its proper field names, or what makes the whole request unreadable. */
export type ReadRecord = { readonly values: JsonObject } | { readonly refused: RequestError }

/** Reads one record of a request: field names are case-insensitive, values must fit the field's JSON type. */
export function readRecord(object: SalesforceObject, record: JsonObject): ReadRecord {
  const values: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(record)) {
    if (key === 'attributes') continue
    const field = object.fields.find(({ name }) => name.toLowerCase() === key.toLowerCase())
    if (field === undefined) {
      const message = `No such column '${key}' on sobject of type ${object.name}`
      return { refused: { status: 400, errorCode: 'INVALID_FIELD', message } }
    }
    if (!fits(field, value)) {
      const message = `Cannot deserialize instance of ${field.type} from ${token(value)} value ${String(value)} or request may be missing a required field`
      return { refused: { status: 400, errorCode: 'JSON_PARSER_ERROR', message } }
    }
    values[field.name] = value === '' ? null : value
  }
  return { values }
}

/** What Salesforce would say of this record alone; `current` is the stored record of an update. */
export function checkRecord(
  object: SalesforceObject,
  values: JsonObject,
  current: JsonObject | undefined,
): readonly SaveError[] {
  const creating = current === undefined
  const readOnly = Object.keys(values).filter((name) => {
    const field = object.fields.find((it) => it.name === name)
    return field !== undefined && !(creating ? field.createable : field.updateable)
  })
  if (readOnly.length > 0) {
    const message = `Unable to create/update fields: ${readOnly.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`
    return [{ statusCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', message, fields: readOnly }]
  }
  if (current?.['IsConverted'] === true) {
    return [
      { statusCode: 'CANNOT_UPDATE_CONVERTED_LEAD', message: 'cannot reference converted lead', fields: [] },
    ]
  }
  const missing = object.fields.filter((field) => {
    const required = !field.nillable && field.createable && !field.defaultedOnCreate
    return required && (creating ? values[field.name] == null : values[field.name] === null)
  })
  const names = missing.map(({ name }) => name)
  const message = `Required fields are missing: [${names.join(', ')}]`
  return [
    ...(names.length === 0 ? [] : [{ statusCode: 'REQUIRED_FIELD_MISSING', message, fields: names }]),
    ...object.fields.flatMap((field) => checkValue(field, values[field.name])),
  ]
}

function checkValue(field: SalesforceField, value: unknown): readonly SaveError[] {
  if (typeof value !== 'string') return []
  const fields = [field.name]
  if (field.length > 0 && value.length > field.length) {
    const message = `${field.label}: data value too large: ${value} (max length=${field.length})`
    return [{ statusCode: 'STRING_TOO_LONG', message, fields }]
  }
  if (field.type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) {
    const message = `${field.label}: invalid email address: ${value}`
    return [{ statusCode: 'INVALID_EMAIL_ADDRESS', message, fields }]
  }
  if (field.restrictedPicklist && !field.picklistValues.includes(value)) {
    const message = `${field.label}: bad value for restricted picklist field: ${value}`
    return [{ statusCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message, fields }]
  }
  if (field.type === 'reference' && !/^([0-9A-Za-z]{15}|[0-9A-Za-z]{18})$/.test(value)) {
    const message = `${field.label}: id value of incorrect type: ${value}`
    return [{ statusCode: 'MALFORMED_ID', message, fields }]
  }
  return []
}

function fits(field: SalesforceField, value: unknown): boolean {
  if (value === null) return true
  switch (field.type) {
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false'
    case 'int':
      return Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value))
    case 'double':
    case 'currency':
      return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)
    case 'datetime':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))
    default:
      return typeof value === 'string'
  }
}

function token(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT'
  if (typeof value === 'boolean') return value ? 'VALUE_TRUE' : 'VALUE_FALSE'
  return typeof value === 'string' ? 'VALUE_STRING' : Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT'
}
