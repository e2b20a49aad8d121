import { createRequire } from 'node:module'
import { RefusalError } from './errors.ts'

/** The part of @cdktn/hcl2json that is used; its own types bring a browser's into the program. */
interface Parser {
  parse(file: string, source: string): Promise<unknown>
}

const isParser = (value: unknown): value is Parser =>
  typeof value === 'object' && value !== null && 'parse' in value && typeof value.parse === 'function'

const require = createRequire(import.meta.url)

const loadParser = (): Parser => {
  const parser: unknown = require('@cdktn/hcl2json')
  if (isParser(parser)) return parser
  throw new Error('@cdktn/hcl2json exports no parse')
}

// `[main.tf:2,6-3,1: Invalid expression; …]`; what follows may quote the source, and with it a secret.
const PLACE = /:(\d+),\d+-\d+,\d+: ([\w -]+)/

/**
 * Parses Terraform's language to JSON: a block is a list, an expression that has to be evaluated stays text as `${…}`, and so does
 * an escaped `$${`. Loads HashiCorp's own parser (2 MB of WebAssembly) at the first call. Throws RefusalError.
 */
export const parseHcl = async (source: string, file: string): Promise<unknown> => {
  try {
    return await loadParser().parse(file, source)
  } catch (error) {
    const [, line, what] = PLACE.exec(error instanceof Error ? error.message : '') ?? []
    const place = line === undefined ? 'it' : `line ${line}`
    throw new RefusalError(
      file,
      `${place} is not Terraform's language${what === undefined ? '' : ` (${what})`}`,
      'correct it: terraform validate says more',
    )
  }
}
