import { isDeepStrictEqual } from 'node:util'
import { isMap, isPair, isScalar, LineCounter, parseDocument, stringify, type Document, type Pair } from 'yaml'
import { ConfigurationError, type Mistake, type Position } from './finding.ts'
import { readYaml } from './read.ts'

/** A connector that a file is to have. */
export interface NewConnector {
  readonly name: string
  readonly uses: string
  /** As the file is to say it, references included. */
  readonly with: Readonly<Record<string, unknown>>
  /** Lines above it, without their `#`. */
  readonly comment?: readonly string[]
  /** False: it is written as a comment, which the operator makes a connector of. */
  readonly on: boolean
}

/** A connector as a file has it, its references as written. */
export interface WrittenConnector {
  readonly uses: unknown
  readonly with: unknown
}

const OPTIONS = { schema: 'core', stringKeys: true, prettyErrors: false } as const
const START = '# Every key: docs/configuration.md\nstore: ./data/onsignup.db\n'
const STEP = 2

const parse = (source: string, file: string): Document.Parsed => {
  const { tree, mistakes } = readYaml(source, {})
  if (tree === undefined && source.trim() !== '') throw new ConfigurationError(file, mistakes)
  return parseDocument(source, OPTIONS)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const connectorsIn = (document: Document): ReadonlyMap<string, unknown> => {
  const value: unknown = document.toJS()
  const connectors = isRecord(value) ? value['connectors'] : undefined
  return new Map(isRecord(connectors) ? Object.entries(connectors) : [])
}

/** The connectors of a file's text by their names. Throws ConfigurationError when it is no YAML. */
export const writtenConnectors = (source: string, file: string): ReadonlyMap<string, WrittenConnector> =>
  new Map(
    [...connectorsIn(parse(source, file))].map(([name, value]) => [
      name,
      isRecord(value) ? { uses: value['uses'], with: value['with'] } : { uses: undefined, with: undefined },
    ]),
  )

const pairOf = (document: Document): Pair | undefined => {
  const { contents } = document
  return isMap(contents)
    ? contents.items.find((item): item is Pair => isPair(item) && isScalar(item.key) && item.key.value === 'connectors')
    : undefined
}

const indented = (text: string, by: number): string =>
  text.replaceAll(/^(?=.)/gm, ' '.repeat(by))

const commented = (text: string): string => text.replaceAll(/^/gm, '# ').replaceAll(/ +$/gm, '')

const blockOf = (connector: NewConnector): string => {
  const { name, uses, with: options, comment = [], on } = connector
  const text = stringify({ [name]: { uses, with: options } }, { lineWidth: 0, indent: STEP }).trimEnd()
  return [...comment.map((line) => `# ${line}`), on ? text : commented(text)].join('\n')
}

const sameLines = (text: string): string => text.replaceAll(/^[ \t]+/gm, '')

/** Whether a file has the connector as a comment, as `addConnectors` writes one that is not on. */
export const isCommentedOut = (source: string, name: string, script: string): boolean => {
  const lines = sameLines(source).split(/\r?\n/)
  return lines.some(
    (line, index) =>
      line === `# ${name}:` && lines.slice(index, index + 8).some((next) => next.endsWith(`script: ${script}`)),
  )
}

interface Insertion {
  readonly from: number
  readonly to: number
  readonly before: string
  readonly indent: number
}

/** The place after the last connector, or where the first one goes. */
const insertionOf = (source: string, document: Document, file: string): Insertion => {
  const lines = new LineCounter()
  parseDocument(source, { ...OPTIONS, lineCounter: lines })
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const pair = pairOf(document)
  if (pair === undefined) {
    const before = source === '' || source.endsWith('\n') ? 'connectors:\n' : '\nconnectors:\n'
    return { from: source.length, to: source.length, before, indent: STEP }
  }
  const { value, key } = pair
  const keyEnd = isScalar(key) ? (key.range?.[1] ?? source.length) : source.length
  const mistake = (offset: number): Mistake => ({
    at: at(offset),
    path: ['connectors'],
    message: 'it is not written with a line for each connector, so that none can be added',
    mend: 'write each connector on lines of its own',
  })
  if (isScalar(value) && value.value === null) {
    const end = source.indexOf('\n', keyEnd)
    return end === -1
      ? { from: source.length, to: source.length, before: '\n', indent: STEP }
      : { from: end + 1, to: end + 1, before: '', indent: STEP }
  }
  if (!isMap(value) || value.range === undefined || value.range === null) {
    throw new ConfigurationError(file, [mistake(keyEnd)])
  }
  const [from, to, end] = value.range
  if (value.flow === true) {
    if (value.items.length > 0) throw new ConfigurationError(file, [mistake(from)])
    return { from, to, before: '\n', indent: STEP }
  }
  const indent = at(from).column - 1
  return { from: end, to: end, before: source[end - 1] === '\n' ? '' : '\n', indent }
}

/**
 * The text of a configuration with connectors added after those that it has; every other byte stays as it is. An empty text becomes
 * a file. Throws ConfigurationError when the text is no YAML, or its connectors are not on lines of their own.
 */
export const addConnectors = (source: string, added: readonly NewConnector[], file: string): string => {
  if (added.length === 0) return source
  const text = source.trim() === '' ? `${source}${START}` : source
  const document = parse(text, file)
  const { from, to, before, indent } = insertionOf(text, document, file)
  const blocks = added.map((connector) => indented(blockOf(connector), indent)).join('\n')
  const after = text.slice(to)
  const end = after.startsWith('\n') ? '' : '\n'
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const inserted = `${before}${blocks}${end}`.replaceAll('\n', eol)
  const written = `${text.slice(0, from).trimEnd() === '' ? '' : text.slice(0, from)}${inserted}${after}`
  verify(written, connectorsIn(document), added, file)
  return written
}

/** What was put into somebody's file is read back before it is written. */
const verify = (
  written: string,
  before: ReadonlyMap<string, unknown>,
  added: readonly NewConnector[],
  file: string,
): void => {
  const expected = new Map([
    ...before,
    ...added.filter(({ on }) => on).map(({ name, uses, with: options }) => [name, { uses, with: options }] as const),
  ])
  if (isDeepStrictEqual(new Map(connectorsIn(parse(written, file))), expected)) return
  throw new Error(`${file} would not say what it should: nothing was written`)
}
