import { isDeepStrictEqual } from 'node:util'
import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  stringify,
  visit,
  type Document,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { ConfigurationError, type Mistake } from './finding.ts'
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
  readonly with: Readonly<Record<string, unknown>>
}

const OPTIONS = { schema: 'core', stringKeys: true, prettyErrors: false } as const
const START = '# Every key: docs/configuration.md\nstore: ./data/onsignup.db\n'
const STEP = 2

const parse = (source: string, file: string): Document.Parsed => {
  const document = parseDocument(source, OPTIONS)
  if (document.contents === null && document.errors.length === 0) return document
  const { tree, mistakes } = readYaml(source, {})
  if (tree === undefined) throw new ConfigurationError(file, mistakes)
  return document
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const connectorsIn = (document: Document): ReadonlyMap<string, unknown> => {
  const value: unknown = document.toJS()
  const connectors = isRecord(value) ? value['connectors'] : undefined
  return new Map(isRecord(connectors) ? Object.entries(connectors) : [])
}

const partsOf = (value: unknown): WrittenConnector => {
  const { uses, with: options }: Readonly<Record<string, unknown>> = isRecord(value) ? value : {}
  return { uses, with: isRecord(options) ? options : {} }
}

/** The connectors of a file's text by their names. Throws ConfigurationError when it is no YAML. */
export const writtenConnectors = (source: string, file: string): ReadonlyMap<string, WrittenConnector> =>
  new Map([...connectorsIn(parse(source, file))].map(([name, value]) => [name, partsOf(value)]))

const REFERENCE = /(?<!\$)\$\{([A-Za-z_]\w*)/g

/** The variables that a file's text refers to, but for those of the connectors `without`. Throws ConfigurationError. */
export const variablesIn = (
  source: string,
  file: string,
  without: ReadonlySet<string>,
): ReadonlySet<string> => {
  const document = parse(source, file)
  const others = [...connectorsIn(document)].filter(([name]) => !without.has(name))
  const value: unknown = document.toJS()
  const text = JSON.stringify([others, { ...(isRecord(value) ? value : {}), connectors: null }])
  return new Set([...text.matchAll(REFERENCE)].map(([, name = '']) => name))
}

const pairOf = (document: Document): Pair | undefined => {
  const { contents } = document
  return isMap(contents)
    ? contents.items.find(
        (item): item is Pair => isPair(item) && isScalar(item.key) && item.key.value === 'connectors',
      )
    : undefined
}

const indented = (text: string, by: number): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by))

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
  const wanted = `script: ${stringify(script, { lineWidth: 0 }).trimEnd()}`
  return lines.some(
    (line, index) =>
      line === `# ${name}:` && lines.slice(index, index + 8).some((next) => next.endsWith(wanted)),
  )
}

interface Insertion {
  readonly offset: number
  readonly indent: number
}

/** Where the last line of a mapping's own ends, with the comments below that are indented as it is. */
const endOf = (map: YAMLMap, source: string, indent: number): number => {
  let last = 0
  visit(map, {
    Node(_, node) {
      if (!isCollection(node) || node.flow === true) last = Math.max(last, node.range?.[1] ?? 0)
    },
  })
  let end = source[last - 1] === '\n' ? last : nextLine(source, last)
  const belongs = new RegExp(`^[ \\t]{${Math.max(indent, 1)},}#`)
  while (belongs.test(source.slice(end))) end = nextLine(source, end)
  return end
}

const nextLine = (source: string, from: number): number => {
  const end = source.indexOf('\n', from)
  return end === -1 ? source.length : end + 1
}

/** An empty mapping in braces is taken away, since what comes in its place has lines of its own. */
const withoutBraces = (source: string, value: unknown): string => {
  if (!isMap(value) || value.flow !== true || value.items.length > 0 || !value.range) return source
  const [from, to] = value.range
  return source.slice(0, from).trimEnd() + source.slice(to)
}

const notByLines = (source: string, offset: number): Mistake => {
  const lines = new LineCounter()
  parseDocument(source, { ...OPTIONS, lineCounter: lines })
  const { line, col } = lines.linePos(offset)
  return {
    at: { line, column: col },
    path: ['connectors'],
    message: 'it has no line for each connector, so that none can be added',
    mend: 'write each connector on lines of its own',
  }
}

/** The place after the last connector, or where the first one goes. */
const insertionOf = (source: string, pair: Pair, file: string): Insertion => {
  const { value, key } = pair
  const keyEnd = isScalar(key) ? (key.range?.[1] ?? 0) : 0
  if (isScalar(value) && value.value === null) return { offset: nextLine(source, keyEnd), indent: STEP }
  if (!isMap(value) || value.flow === true || !value.range) {
    throw new ConfigurationError(file, [notByLines(source, keyEnd)])
  }
  const [from] = value.range
  const indent = from - (source.lastIndexOf('\n', from - 1) + 1)
  return { offset: endOf(value, source, indent), indent }
}

/** A text that has the key, so that there is a place for connectors. */
const withKey = (source: string, file: string): string => {
  const document = parse(source, file)
  const pair = pairOf(document)
  if (pair !== undefined) return withoutBraces(source, pair.value)
  const own = source === '' || source.endsWith('\n') ? source : `${source}\n`
  return `${own}${document.contents === null ? START : ''}connectors:\n`
}

/**
 * The text of a configuration with connectors added after those that it has; every other byte stays as it is. An empty text becomes
 * a file. Throws ConfigurationError when the text is no YAML, or its connectors are not on lines of their own.
 */
export const addConnectors = (source: string, added: readonly NewConnector[], file: string): string => {
  if (added.length === 0) return source
  const text = withKey(source, file)
  const document = parse(text, file)
  const pair = pairOf(document)
  if (pair === undefined) throw new ConfigurationError(file, [notByLines(text, 0)])
  const { offset, indent } = insertionOf(text, pair, file)
  const eol = source.includes('\r\n') ? '\r\n' : '\n'
  const blocks = added.map((connector) => `${indented(blockOf(connector), indent)}\n`).join('')
  const before = text.slice(0, offset)
  const inserted = `${before.endsWith('\n') ? '' : '\n'}${blocks}`.replaceAll('\n', eol)
  const written = before + inserted + text.slice(offset)
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
  const on = added.filter((connector) => connector.on)
  const expected = new Map([
    ...before,
    ...on.map(({ name, uses, with: options }) => [name, { uses, with: options }] as const),
  ])
  if (isDeepStrictEqual(new Map(connectorsIn(parse(written, file))), expected)) return
  throw new Error(`${file} would not say what it should: nothing was written`)
}
