import type { Field } from './description.ts'
import type { Kind } from './source-kind.ts'

// https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/field_types.htm (2026-06)
type Group = 'text' | 'boolean' | 'number' | 'date'

const GROUPS: { readonly [type: string]: Group | undefined } = {
  string: 'text',
  textarea: 'text',
  email: 'text',
  phone: 'text',
  url: 'text',
  picklist: 'text',
  multipicklist: 'text',
  combobox: 'text',
  encryptedstring: 'text',
  reference: 'text',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
  date: 'date',
  datetime: 'date',
}

/** What a field takes, in words. */
const TAKES: { readonly [type: string]: string | undefined } = {
  boolean: 'true or false',
  int: 'a whole number',
  long: 'a whole number',
  double: 'a number',
  currency: 'a number',
  percent: 'a number',
  date: 'a date, as 2026-01-31',
  datetime: 'a time, as 2026-01-31T09:30:00Z',
  email: 'an e-mail address',
  reference: 'the id of a record',
}

const SHAPES: { readonly [type: string]: RegExp | undefined } = {
  boolean: /^(true|false)$/,
  int: /^-?\d+$/,
  long: /^-?\d+$/,
  double: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  currency: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  percent: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  date: /^\d{4}-\d\d-\d\d(T.*)?$/,
  datetime: /^\d{4}-\d\d-\d\dT\d\d:\d\d.*$/,
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  reference: /^([0-9A-Za-z]{15}|[0-9A-Za-z]{18})$/,
}

/** Characters that no value of the group holds, however it goes on. */
const NEVER: { readonly [group in Group]?: RegExp } = {
  boolean: /[^truefals]/,
  number: /[^\d.e+-]/i,
  date: /[^\dTZ:.+\s-]/,
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59).toWellFormed()}…` : text
}

const typeProblem = ({ type }: Field, what: string): string => {
  const takes = TAKES[type] ?? 'text'
  return `is of type ${type} and takes ${takes}: ${what} never fits`
}

const picklistProblem = ({ type, restrictedPicklist, picklistValues }: Field, value: string) => {
  if (!restrictedPicklist) return undefined
  const chosen = type === 'multipicklist' ? value.split(';').map((one) => one.trim()) : [value]
  const strange = chosen.find((one) => !picklistValues.includes(one))
  return strange === undefined
    ? undefined
    : `has a restricted picklist without the value ${shown(strange)}: it has ${picklistValues.slice(0, 20).join(', ')}`
}

/** Why a field never takes a value that is written out; undefined when it does, or nothing is known. */
export const literalProblem = (field: Field, value: string | number | boolean): string | undefined => {
  const group = GROUPS[field.type]
  if (group === undefined) return undefined
  const isRight = typeof value === (group === 'text' || group === 'date' ? 'string' : group)
  if (!isRight && typeof value !== 'string') return typeProblem(field, shown(value))
  const text = String(value)
  if (text === '') return undefined
  if (SHAPES[field.type]?.test(text) === false) return typeProblem(field, shown(value))
  if (group === 'date' && Number.isNaN(Date.parse(text))) return typeProblem(field, shown(value))
  if (group !== 'text') return undefined
  if (field.length > 0 && text.length > field.length) {
    return `holds ${field.length} characters, and ${shown(value)} has ${text.length}`
  }
  return picklistProblem(field, text)
}

/** Why a field never takes what a template of that kind gives. */
export const kindProblem = (field: Field, kind: Kind, source: string): string | undefined => {
  const group = GROUPS[field.type]
  if (group === undefined || group === kind) return undefined
  const fits: Readonly<Record<Exclude<Group, 'boolean'>, readonly Kind[]>> = {
    text: ['text', 'time'],
    date: ['text', 'time'],
    // Digits may be text, as a customer number.
    number: ['text'],
  }
  // True and false are none of the event's texts.
  const mayFit = group !== 'boolean' && fits[group].includes(kind)
  return mayFit ? undefined : typeProblem(field, `the ${kind} ${source}`)
}

/** Why a field never takes a template that has this text in it whatever happens. */
export const fixedTextProblem = (field: Field, fixed: string, source: string): string | undefined => {
  if (fixed === '') return undefined
  const group = GROUPS[field.type]
  if (group === undefined) return undefined
  if (NEVER[group]?.test(fixed) === true) return typeProblem(field, shown(source))
  return group === 'text' && field.length > 0 && fixed.length > field.length
    ? `holds ${field.length} characters, and ${shown(source)} has more`
    : undefined
}

/** Whether a value may lose its end: an address or an id without it is another one. */
export const isPlainText = ({ type }: Field): boolean => type === 'string' || type === 'textarea'

/** Whether a field takes text at all. */
export const takesText = ({ type }: Field): boolean => GROUPS[type] === 'text'
