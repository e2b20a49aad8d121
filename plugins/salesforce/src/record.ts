import type { Preview, RegistrationEvent, Templates } from '@onsignup/core'
import type { Ask } from './client.ts'
import type { Options } from './options.ts'

type Value = string | number | boolean

/** A record as sObject Collections take it. */
export type SalesforceRecord = { readonly attributes: { readonly type: string } } & {
  readonly [field: string]: Value | { readonly type: string }
}

/** A record, and the external id that it is found again by; `create` has none. */
export interface Mapped {
  readonly record: SalesforceRecord
  readonly externalId: string | undefined
}

/** Turns an event into a record; throws when it cannot be one. */
export type Mapping = (event: RegistrationEvent) => Mapped

/** Salesforce refuses longer ones, and a sign-up is worth more than the tail of a name (Object Reference, Lead). */
const LENGTHS: { readonly [field: string]: number | undefined } = {
  LastName: 80,
  FirstName: 40,
  Company: 255,
}

// Line breaks stay, since a Description may have them; overrides of the writing direction disguise names.
const UNWANTED = /(?![\t\n])\p{Cc}|[\u202A-\u202E\u2066-\u2069\uFEFF]/gu

const cut = (text: string, length: number): string => {
  const flat = text.replace(/\s+/g, ' ')
  if (flat.length <= length) return flat
  // Half a character is no text: Salesforce counts UTF-16 units, as JavaScript does.
  const head = flat.slice(0, length)
  return (head.isWellFormed() ? head : head.slice(0, -1)).trimEnd()
}

const cleanText = (text: string): string =>
  text.toWellFormed().replace(/\r\n?/g, '\n').replace(UNWANTED, '').trim()

const isScalar = (value: unknown): value is Value =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** Undefined is left out: on update a null would clear the field. */
const toValue = (field: string, value: unknown): Value | undefined => {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'string') {
    // Salesforce reads an object as another record to look up, so that user_metadata may never be one here.
    // A list is written as a multi-select picklist takes it.
    const list = Array.isArray(value) && value.every(isScalar)
    return toValue(field, list ? value.join(';') : JSON.stringify(value))
  }
  const limit = LENGTHS[field]
  const text = cleanText(value)
  const fitting = limit === undefined ? text : cut(text, limit)
  return fitting === '' ? undefined : fitting
}

/** Compiles the mapping of the options; throws when a template is wrong. */
export const createMapping = (options: Options, templates: Templates): Mapping => {
  const { external_id, object } = options
  const renderId = external_id && templates.text(external_id.value, (value) => value)
  const fields = Object.entries(options.fields).map(([field, source]) => {
    const render = typeof source === 'string' ? templates.value(source) : () => source
    return { field, render }
  })
  return (event) => {
    const externalId = renderId?.(event).trim()
    if (externalId === '') throw new Error(`external_id.value ${external_id?.value} came out empty`)
    const values = fields.flatMap(({ field, render }): [string, Value][] => {
      const value = toValue(field, render(event))
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

/** How many records one call of sObject Collections takes (REST API Developer Guide, 2026-06). */
export const MOST_RECORDS = 200

/**
 * The request for records. Always sObject Collections: the external id travels in the body, whereas a single
 * upsert of jsforce puts it into the path unencoded (jsforce/jsforce#1258).
 */
export const requestFor = (options: Options, records: readonly SalesforceRecord[]): Ask => {
  const { api_version, external_id, object } = options
  const base = `/services/data/v${api_version}/composite/sobjects`
  return {
    method: external_id === undefined ? 'POST' : 'PATCH',
    path: external_id === undefined ? base : `${base}/${object}/${external_id.field}`,
    headers: {
      'content-type': 'application/json',
      // The platform's default TRUE would give the record to another owner on every update.
      'sforce-auto-assign': options.auto_assign ? 'TRUE' : 'FALSE',
    },
    body: JSON.stringify({ allOrNone: false, records }),
  }
}

/** Exactly what would be sent for one event alone. */
export const previewOf = (options: Options, mapping: Mapping, event: RegistrationEvent): Preview => {
  const { method, path, body = '' } = requestFor(options, [mapping(event).record])
  return { title: `${method} ${path}`, contentType: 'application/json', body }
}
