import { createHash, timingSafeEqual } from 'node:crypto'
import type { Schema } from './contract.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Tells whether what is given is the secret. Compares digests, so that the time it takes tells nothing. */
export const secretTest = (secret: string): ((given: string) => boolean) => {
  const wanted = digest(secret)
  return (given) => timingSafeEqual(digest(given), wanted)
}

/** Replaces known secret values in a text. */
export type Redact = (text: string) => string

export const REDACTED = '[secret]'

// Shorter values would blank out ordinary words.
const SHORTEST = 4

// What base64 makes of a shorter part is too short to be told from other text.
const SHORTEST_IN_BASE64 = 8

/** What is the same in any base64 text that holds the secret, as `Basic` credentials do: one for each offset. */
const inBase64 = (secret: string): string[] => {
  const bytes = Buffer.from(secret)
  return [0, 1, 2]
    .map((offset) =>
      Buffer.concat([Buffer.alloc(offset), bytes])
        .toString('base64')
        .slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6)),
    )
    .filter((part) => part.length >= SHORTEST_IN_BASE64)
    .flatMap((part) => [part, part.replaceAll('+', '-').replaceAll('/', '_')])
}

const spellings = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret.toWellFormed()),
  new URLSearchParams({ '': secret }).toString().slice(1),
  Buffer.from(secret).toString('base64'),
  ...inBase64(secret),
]

// Whatever is sent this way is a secret, also one that nobody named; prose, as "basic authentication", is not.
const AUTHORIZATION = /\b([Bb]earer|[Bb]asic)\s+(?=[\w.~+/=!-]*(?:\d|[a-z][A-Z]|[.~+/=!-]\w))[\w.~+/=!-]{6,}/g

/**
 * Redacts secrets however they are spelt: plain, as JSON, URL- or form-encoded, in base64, alone or with other
 * text; a multi-line one by line too; and any credentials that follow Bearer or Basic.
 */
export const createRedact = (secrets: Iterable<string>): Redact => {
  const all = [...secrets].flatMap((secret) => [secret, secret.trim(), ...secret.split(/[\r\n]+/)])
  const needles = [...new Set(all.filter((secret) => secret.length >= SHORTEST).flatMap(spellings))].toSorted(
    (a, b) => b.length - a.length,
  )
  return (text) =>
    needles
      .reduce((redacted, needle) => redacted.replaceAll(needle, REDACTED), text)
      .replace(AUTHORIZATION, `$1 ${REDACTED}`)
}

type Node = { readonly [key: string]: unknown }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const leaves = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : []
}

const collect = (schema: unknown, value: unknown): string[] => {
  if (!isNode(schema)) return []
  if (schema['writeOnly'] === true) return leaves(value)
  const variants = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((list) =>
    Array.isArray(list) ? list : [],
  )
  return [...collectInside(schema, value), ...variants.flatMap((variant) => collect(variant, value))]
}

const collectInside = (schema: Node, value: unknown): string[] => {
  if (Array.isArray(value)) {
    const { prefixItems, items } = schema
    const first: readonly unknown[] = Array.isArray(prefixItems) ? prefixItems : []
    return value.flatMap((item, index) => collect(index < first.length ? first[index] : items, item))
  }
  if (!isNode(value)) return []
  const { properties, additionalProperties } = schema
  const known = isNode(properties) ? properties : {}
  return Object.entries(value).flatMap(([key, item]) =>
    collect(Object.hasOwn(known, key) ? known[key] : additionalProperties, item),
  )
}

/** The values of options whose schema says `writeOnly`. */
export const secretsOf = (schema: Schema, options: unknown): string[] =>
  collect(schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' }), options)
