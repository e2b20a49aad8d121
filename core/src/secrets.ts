import type { Schema } from './contract.ts'

/** Replaces known secret values in a text. */
export type Redact = (text: string) => string

export const REDACTED = '[secret]'

// Shorter values would blank out ordinary words.
const SHORTEST = 4

const spellings = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
]

/** Redacts secrets however they are spelt: plain, as JSON, URL-encoded, in base64; a multi-line one by line too. */
export const createRedact = (secrets: Iterable<string>): Redact => {
  const all = [...secrets].flatMap((secret) => [secret, secret.trim(), ...secret.split(/[\r\n]+/)])
  const needles = [...new Set(all.filter((secret) => secret.length >= SHORTEST).flatMap(spellings))].toSorted(
    (a, b) => b.length - a.length,
  )
  return (text) => needles.reduce((redacted, needle) => redacted.replaceAll(needle, REDACTED), text)
}

type Node = { readonly [key: string]: unknown }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const leaves = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : []
}

const collect = (schema: unknown, value: unknown): string[] => {
  if (!isNode(schema)) return []
  if (schema['writeOnly'] === true) return leaves(value)
  const variants = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((list) =>
    Array.isArray(list) ? list : [],
  )
  const properties = schema['properties']
  const inner =
    isNode(properties) && isNode(value)
      ? Object.entries(properties).flatMap(([key, child]) => collect(child, value[key]))
      : []
  return [...inner, ...variants.flatMap((variant) => collect(variant, value))]
}

/** The values of options whose schema says `writeOnly`. */
export const secretsOf = (schema: Schema, options: unknown): string[] =>
  collect(schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' }), options)
