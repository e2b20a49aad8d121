import type { Preview, RegistrationEvent, Templates } from '@onsignup/core'
import type { Ask } from './client.ts'
import { findField, type Description } from './description.ts'
import { isPlainText, takesText } from './fits.ts'
import type { Options } from './options.ts'

type Value = string | number | boolean

/** A record as sObject Collections take it. */
export type SalesforceRecord = { readonly attributes: { readonly type: string } } & {
  readonly [field: string]: Value | null | { readonly type: string }
}

/** A record, and the external id that it is found again by; `create` has none. */
export interface Mapped {
  readonly record: SalesforceRecord
  readonly externalId: string | undefined
}

/** Turns an event into a record; throws when it cannot be one. */
export type Mapping = (event: RegistrationEvent) => Mapped

// Line breaks stay, since a Description may have them; overrides of the writing direction disguise names.
const UNWANTED = /(?![\t\n])\p{Cc}|[\u202A-\u202E\u2066-\u2069\uFEFF]/gu

/** Salesforce counts UTF-16 units, as JavaScript does; half a character is no text. */
const cut = (text: string, length: number): string => {
  if (text.length <= length) return text
  const head = text.slice(0, length)
  return (head.isWellFormed() ? head : head.slice(0, -1)).trimEnd()
}

const cleanText = (text: string): string =>
  text.toWellFormed().replace(/\r\n?/g, '\n').replace(UNWANTED, '').trim()

const isScalar = (value: unknown): value is Value =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** A name on two lines looks like two. */
const ONE_LINE = /^(lastname|firstname|company)$/i

/** Undefined when it is empty. */
const toValue = (field: string, value: unknown, maxLength = Infinity): Value | undefined => {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'string') {
    // Salesforce reads an object as another record to look up, so that user_metadata may never be one here.
    // A list is written as a multi-select picklist takes it.
    const list = Array.isArray(value) && value.every(isScalar)
    return toValue(field, list ? value.join(';') : JSON.stringify(value), maxLength)
  }
  const text = cleanText(value)
  const fitting = cut(ONE_LINE.test(field) ? text.replace(/\s+/g, ' ') : text, maxLength)
  return fitting === '' ? undefined : fitting
}

/** Compiles the mapping of the options; throws when a template is wrong. */
export const createMapping = (options: Options, templates: Templates): Mapping => {
  const { external_id, object } = options
  const renderId = external_id && templates.text(external_id.value, (value) => value)
  const fields = Object.entries(options.fields).map(([field, { value, max_length, when_empty }]) => {
    const render = typeof value === 'string' ? templates.value(value) : () => value
    // On update a null clears the field.
    const empty = when_empty === 'clear' ? null : undefined
    return {
      field,
      valueOf: (event: RegistrationEvent) => toValue(field, render(event), max_length) ?? empty,
    }
  })
  return (event) => {
    const externalId = renderId?.(event).trim()
    if (externalId === '') throw new Error(`external_id.value ${external_id?.value} came out empty`)
    const values = fields.flatMap(({ field, valueOf }): [string, Value | null][] => {
      const value = valueOf(event)
      return value === undefined ? [] : [[field, value]]
    })
    const id: [string, string][] =
      external_id === undefined || externalId === undefined ? [] : [[external_id.field, externalId]]
    return {
      record: { attributes: { type: object }, ...Object.fromEntries([...id, ...values]) },
      externalId,
    }
  }
}

/**
 * Makes a record fit what the org says of its fields: a number or a flag where text is due is written as text, since what
 * an application keeps about users may be either; with `truncate`, text is cut, but for the external id and what would be
 * another address or id without its end.
 */
export const createFit = (
  description: Description,
  { external_id, fields, truncate }: Options,
): ((record: SalesforceRecord) => SalesforceRecord) => {
  const whole = external_id?.field.toLowerCase()
  const described = Object.keys(fields).flatMap((name) => {
    const field = findField(description, name)
    return field === undefined ? [] : [{ name, field, isWhole: name.toLowerCase() === whole }]
  })
  return (record) => {
    const fit: Record<string, SalesforceRecord[string]> = {}
    for (const { name, field, isWhole } of described) {
      const value = record[name]
      if (value === undefined || value === null || typeof value === 'object') continue
      const text = typeof value === 'string' || takesText(field) ? String(value) : value
      const isCut = truncate && !isWhole && isPlainText(field) && field.length > 0
      fit[name] = isCut && typeof text === 'string' ? cut(text, field.length) : text
    }
    return { ...record, ...fit }
  }
}

/** How many records one call of sObject Collections takes (REST API Developer Guide, 2026-06). */
export const MOST_RECORDS = 200

/**
 * The request for records. Always sObject Collections: the external id travels in the body, whereas a single
 * upsert of jsforce puts it into the path unencoded (jsforce/jsforce#1258).
 */
export const requestFor = (options: Options, records: readonly SalesforceRecord[]): Ask => {
  const { api_version, auto_assign, external_id, object, on_duplicate } = options
  const base = `/services/data/v${api_version}/composite/sobjects`
  return {
    method: external_id === undefined ? 'POST' : 'PATCH',
    path: external_id === undefined ? base : `${base}/${object}/${external_id.field}`,
    headers: {
      'content-type': 'application/json',
      // The platform's default TRUE would give the record to another owner on every update.
      'sforce-auto-assign': auto_assign ? 'TRUE' : 'FALSE',
      // https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_duplicaterules.htm (2026-06)
      ...(on_duplicate === 'save' ? { 'sforce-duplicate-rule-header': 'allowSave=true' } : {}),
    },
    body: JSON.stringify({ allOrNone: false, records }),
  }
}

/** Exactly what would be sent for one event alone. */
export const previewOf = (options: Options, mapping: Mapping, event: RegistrationEvent): Preview => {
  const { method, path, body = '' } = requestFor(options, [mapping(event).record])
  return { title: `${method} ${path}`, contentType: 'application/json', body }
}
