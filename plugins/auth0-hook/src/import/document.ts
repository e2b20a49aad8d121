import { LineCounter, parseDocument } from 'yaml'
import { RefusalError } from './errors.ts'
import { replaceKeywords, shielded, unshielded, type Mappings } from './keywords.ts'

/** Ten times what a large tenant has: a few kilobytes of nested aliases can stand for billions. */
const MOST_VALUES = 2_000_000
/** Each copies a mapping, which may be most of the document. */
const MOST_MERGES = 1_000
const DEEPEST = 100

const tooMany = (where: string): RefusalError =>
  new RefusalError(where, 'its aliases stand for more than can be read', 'write the values out')

/** A mapping of a document: its own keys, in their order. */
export type Fields = ReadonlyMap<string, unknown>

export const isFields = (value: unknown): value is Fields => value instanceof Map

/** Text as it was written, whatever the parser made of it. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** The items of a list; none of anything else. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Mappings become maps, so that no key of a stranger's document means anything to JavaScript. */
const withMaps = (document: unknown, where: string): unknown => {
  let left = MOST_VALUES
  const visit = (value: unknown, depth: number): unknown => {
    if (depth > DEEPEST) throw new RefusalError(where, `it is nested deeper than ${DEEPEST}`, 'flatten it')
    left -= 1
    if (left < 0) throw tooMany(where)
    if (typeof value === 'string') return unshielded(value)
    if (Array.isArray(value)) return value.map((item) => visit(item, depth + 1))
    if (typeof value !== 'object' || value === null) return value
    return new Map(Object.entries(value).map(([key, inner]) => [unshielded(key), visit(inner, depth + 1)]))
  }
  return visit(document, 0)
}

const parseYaml = (text: string, where: string): unknown => {
  if ([...text.matchAll(/<<\s*:/g)].length > MOST_MERGES) throw tooMany(where)
  const lines = new LineCounter()
  const document = parseDocument(shielded(text), {
    lineCounter: lines,
    logLevel: 'silent',
    prettyErrors: false,
    schema: 'core',
    merge: true,
    stringKeys: true,
  })
  const [error] = document.errors
  if (error !== undefined) {
    // The parser's message may quote the source, and with it a secret.
    const what = `line ${lines.linePos(error.pos[0]).line} is neither YAML nor JSON (${error.code})`
    throw new RefusalError(where, what, 'correct it, or export it again')
  }
  try {
    return document.toJS({ maxAliasCount: -1 })
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof RangeError) throw tooMany(where)
    throw error
  }
}

const parsed = (text: string, where: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return parseYaml(text, where)
  }
}

/** Parses a document of an export, YAML or JSON, after its keywords were replaced. Throws RefusalError. */
export const parseExport = (text: string, where: string, mappings: Mappings): unknown =>
  withMaps(parsed(replaceKeywords(text, mappings), where), where)

/** Parses JSON that came from a parser of ours. */
export const fieldsOf = (value: unknown, where: string): unknown => withMaps(value, where)
