import { nearest } from '@onsignup/core/engine'
import type { Mistake, Path } from './finding.ts'
import { childOf, keysOf, typesOf, type JsonNode, type Shape } from './json-schema.ts'
import type { Entry, MappingTree, Tree } from './tree.ts'

/** A value made to fit a schema's JSON form, and the keys that the schema does not know. */
export interface Fitted {
  readonly value: unknown
  readonly mistakes: readonly Mistake[]
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** A variable's value and a quoted one are text in YAML; the schema says what they are meant to be. */
const coerce = (value: string, types: readonly string[] | undefined): string | number | boolean => {
  if (types === undefined || types.includes('string')) return value
  const text = value.trim()
  if ((types.includes('number') || types.includes('integer')) && NUMBER.test(text)) return Number(text)
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  return value
}

const unknownKey = (key: string, keys: readonly string[], at: Entry['keyAt'], path: Path): Mistake => {
  const meant = nearest(key, keys)
  return {
    at,
    path,
    message: `unknown key ${key}`,
    mend:
      meant === undefined ? `remove it; the keys here are ${keys.toSorted().join(', ')}` : `write ${meant}`,
  }
}

const fitMapping = (tree: MappingTree, shape: Shape, root: JsonNode, path: Path): Fitted => {
  const keys = keysOf(shape)
  const mistakes: Mistake[] = []
  const entries: [string, unknown][] = []
  for (const [key, { keyAt, tree: child }] of tree.entries) {
    const childPath = [...path, key]
    if (keys !== undefined && !keys.includes(key)) {
      mistakes.push(unknownKey(key, keys, keyAt, childPath))
    } else {
      const fitted = fit(child, childOf(shape, key, root), root, childPath)
      entries.push([key, fitted.value])
      mistakes.push(...fitted.mistakes)
    }
  }
  return { value: Object.fromEntries(entries), mistakes }
}

/** Types text as the schema wants it, drops unknown keys and reports them. */
export const fit = (tree: Tree, shape: Shape, root: JsonNode, path: Path): Fitted => {
  if (tree.kind === 'mapping') return fitMapping(tree, shape, root, path)
  if (tree.kind === 'list') {
    const items = tree.items.map((item, index) =>
      fit(item, childOf(shape, index, root), root, [...path, index]),
    )
    return { value: items.map(({ value }) => value), mistakes: items.flatMap(({ mistakes }) => mistakes) }
  }
  const types = typesOf(shape)
  // A key whose every line is commented out.
  if (tree.value === null && types?.length === 1 && types[0] === 'object') return { value: {}, mistakes: [] }
  return { value: typeof tree.value === 'string' ? coerce(tree.value, types) : tree.value, mistakes: [] }
}
