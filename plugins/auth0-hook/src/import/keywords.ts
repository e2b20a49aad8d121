import { ExportError } from './errors.ts'

/** What stands for `##KEY##` and `@@KEY@@`, as auth0-deploy-cli takes it. */
export type Mappings = Readonly<Record<string, unknown>>

/** A `##KEY##` or `@@KEY@@` that no mapping replaced. Lines count from 1. */
export interface Marker {
  readonly marker: string
  readonly line: number
}

const MARKER = /##([A-Za-z_][\w.-]*)##|@@([A-Za-z_][\w.-]*)@@/g

const isMappings = (value: unknown): value is Mappings =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads AUTH0_KEYWORD_REPLACE_MAPPINGS: a JSON object. Throws ExportError without its values. */
export const readMappings = (json: string, from: string): Mappings => {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    value = undefined
  }
  if (isMappings(value)) return value
  throw new ExportError('export_unreadable', `${from} is no JSON object`, {
    mend: 'write { "KEY": "value" }, as for auth0-deploy-cli',
  })
}

const escaped = (key: string): string => key.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)

const asText = (key: string, value: unknown): string => {
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value)
  throw new ExportError('export_refused', `##${key}## stands for text, and its mapping is none`, {
    mend: `map ${key} to text, or write @@${key}@@ in the export`,
  })
}

/**
 * Replaces `##KEY##` by a mapping's text and `@@KEY@@`, quoted or not, by its JSON, in one pass: what a value brings in is
 * not replaced again. (auth0-deploy-cli 8.44, src/tools/utils.ts, keywordReplace.)
 */
export const replaceKeywords = (text: string, mappings: Mappings): string => {
  const keys = Object.keys(mappings)
  if (keys.length === 0) return text
  const any = keys
    .toSorted((a, b) => b.length - a.length)
    .map(escaped)
    .join('|')
  const pattern = new RegExp(`(["']?)@@(${any})@@\\1|@@(${any})@@|##(${any})##`, 'g')
  return text.replaceAll(pattern, (...[, , quoted, bare, string]: readonly (string | undefined)[]) => {
    if (string !== undefined) return asText(string, mappings[string])
    return JSON.stringify(mappings[quoted ?? bare ?? '']) ?? 'null'
  })
}

/** What to do about a marker that is left. */
export const MAP_IT = 'map it with --mappings or AUTH0_KEYWORD_REPLACE_MAPPINGS'

/** The markers that are left in a text. */
export const markersIn = (text: string): readonly Marker[] => {
  const found: Marker[] = []
  for (const [index, line] of text.split('\n').entries()) {
    for (const [marker] of line.matchAll(MARKER)) found.push({ marker, line: index + 1 })
  }
  return found
}

const HASHES = '\u{E000}'
const ATS = '\u{E001}'

/** Makes markers that are left plain text of YAML, where `#` starts a comment and `@` is reserved. */
export const shielded = (yaml: string): string =>
  yaml.replaceAll(MARKER, (_, hash?: string, at?: string) =>
    hash === undefined ? `${ATS}${at}${ATS}` : `${HASHES}${hash}${HASHES}`,
  )

/** Undoes `shielded` in what was parsed. */
export const unshielded = (text: string): string => text.replaceAll(HASHES, '##').replaceAll(ATS, '@@')
