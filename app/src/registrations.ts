import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CommandError, EXIT } from './output.ts'

/** One registration of a file, and where it stands. */
export interface Registration {
  readonly line: number
  readonly body: unknown
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The registration as one of a user who registered before; what is no registration is left as it is. */
export const asHistorical = ({ line, body }: Registration): Registration => {
  if (!isObject(body)) return { line, body }
  const source = body['source'] ?? {}
  return isObject(source)
    ? { line, body: { ...body, source: { ...source, historical: true } } }
    : { line, body }
}

const readSource = async (file: string): Promise<string> => {
  if (file === '-') return text(process.stdin)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no' : 'cannot read'
    throw new CommandError(
      EXIT.usage,
      `${why} file ${file}`,
      'name a JSON file, an NDJSON file, or - for standard input',
    )
  }
}

const parseWhole = (source: string): unknown => {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

const parseLines = (file: string, source: string): Registration[] =>
  source.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [{ line: index + 1, body: JSON.parse(line) }]
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new CommandError(
        EXIT.usage,
        `${file}:${index + 1} is not JSON: ${why}`,
        'send one JSON object, or one a line',
      )
    }
  })

/** The registrations of a file or of standard input (`-`): one JSON object, an array of them, or one a line. */
export const readRegistrations = async (file: string): Promise<readonly Registration[]> => {
  // PowerShell and editors on Windows begin a file with a byte order mark.
  const source = (await readSource(file)).replace(/^\uFEFF/, '')
  const whole = parseWhole(source)
  if (Array.isArray(whole)) return whole.map((body: unknown, index) => ({ line: index + 1, body }))
  return whole === undefined ? parseLines(file, source) : [{ line: 1, body: whole }]
}
