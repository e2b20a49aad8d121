import { DURATION } from '@onsignup/core/engine'
import { hasMark, type Shape, typesOf } from './json-schema.ts'
import type { Tree } from './tree.ts'

const LONGEST_SHOWN = 60

const TYPE_WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'nothing',
  number: 'a number',
  object: 'a mapping',
  string: 'text',
}

const either = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

const isDuration = (shape: Shape): boolean => shape.some((node) => node['pattern'] === DURATION.source)

/** What the schema wants, in words: `a whole number`. */
export const typeWords = (shape: Shape): string => {
  if (isDuration(shape)) return 'a duration'
  const types = typesOf(shape) ?? []
  return types.length === 0
    ? 'anything'
    : either(types.filter((type) => type !== 'null').map((type) => TYPE_WORDS[type] ?? type))
}

const holdsPassword = (text: string): boolean => /:\/\/.*@/s.test(text)

/** What was found, shown only where it cannot be a secret. */
export const foundWords = (tree: Tree, shape: Shape): string => {
  if (tree.kind !== 'scalar') return tree.kind === 'list' ? 'a list' : 'a mapping'
  if (tree.value === null) return 'nothing'
  const names = [...new Set(tree.variables.map(({ name }) => name))]
  if (names.length > 0) return `the value (from ${names.join(', ')})`
  const isScalarOption = typesOf(shape)?.some((type) => type !== 'object' && type !== 'array') ?? false
  const text = JSON.stringify(tree.value)
  if (!isScalarOption || hasMark(shape, 'writeOnly') || holdsPassword(text)) return 'the value'
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text
}

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < Number.MAX_SAFE_INTEGER
    ? value
    : undefined

/** Within which numbers, or nothing. */
export const rangeWords = (shape: Shape): string => {
  const [only] = shape
  const from = number(only?.['minimum'])
  const to = number(only?.['maximum'])
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`
  if (from !== undefined) return ` of at least ${from}`
  return to === undefined ? '' : ` of at most ${to}`
}

/** The values that an option is limited to, or none. */
export const choicesOf = (shape: Shape): readonly string[] =>
  shape
    .flatMap((node) => ('const' in node ? [node['const']] : Array.isArray(node['enum']) ? node['enum'] : []))
    .map(String)

/** Whether more is said about a text than that it is one. */
export const isConstrained = (shape: Shape): boolean =>
  shape.some((node) => ['enum', 'const', 'pattern', 'format'].some((keyword) => keyword in node))

const exampleOf = (shape: Shape): string | undefined => {
  const examples = shape.flatMap((node) => (Array.isArray(node['examples']) ? node['examples'] : []))
  return examples.find((example) => typeof example === 'string')
}

/** What to write, from the schema alone: `write a whole number from 1 to 65535`. */
export const writeWords = (shape: Shape): string => {
  const choices = choicesOf(shape)
  if (choices.length > 0) return `write ${either(choices)}`
  if (isDuration(shape)) return 'write a number and a unit, as 10s, 5m or 1h'
  const example = exampleOf(shape)
  if (example !== undefined) return `write it as ${example}`
  if (shape.some((node) => node['format'] === 'uri')) return 'write an address, as https://example.com'
  if (shape.some((node) => node['format'] === 'email')) return 'write an e-mail address'
  const pattern = shape.map((node) => node['pattern']).find((one) => typeof one === 'string')
  if (pattern !== undefined) return `write text that matches ${pattern}`
  return typesOf(shape) === undefined ? 'correct it' : `write ${typeWords(shape)}${rangeWords(shape)}`
}

/** The first sentence of what the option is for, or nothing. */
export const purposeOf = (shape: Shape): string | undefined => {
  const description = shape.map((node) => node['description']).find((one) => typeof one === 'string')
  return description?.split(/\.(?:\s|$)/)[0]
}
