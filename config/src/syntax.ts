import type { YAMLParseError } from 'yaml'
import type { Mistake, Position } from './finding.ts'

const QUOTE = 'put the whole value in quotes'

const MENDS: Readonly<Record<string, string>> = {
  BAD_DQ_ESCAPE: 'write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: 'indent it as the lines around it',
  BAD_SCALAR_START: QUOTE,
  BLOCK_AS_IMPLICIT_KEY: QUOTE,
  MISSING_CHAR: 'close the quote or bracket, or put a comma between the items',
  MULTILINE_IMPLICIT_KEY: 'write every line as key: value',
  MULTIPLE_DOCS: 'keep one document: remove the line ---',
  NON_STRING_KEY: 'write a plain name as the key',
  TAB_AS_INDENT: 'indent with spaces',
  UNEXPECTED_TOKEN: QUOTE,
}

const MESSAGES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'there is more than one document',
  NON_STRING_KEY: 'a key is a mapping or a list',
}

// The parser quotes the source in some, and the source may be a secret.
const messageOf = ({ code, message }: YAMLParseError): string =>
  MESSAGES[code] ?? (code === 'UNEXPECTED_TOKEN' ? message.replace(/:.*$/s, '') : message)

const BARE = /(?:^|[:,[{-])\s*(\{\{|\$\{)/

/** A bare `{{ … }}` or, within brackets, `${…}`: YAML takes it for a mapping. */
const bareReference = (line: string): { readonly start: string; readonly column: number } | undefined => {
  const match = BARE.exec(line)
  const start = match?.[1]
  return match === null || start === undefined
    ? undefined
    : { start, column: match.index + match[0].length - start.length + 1 }
}

/** The first syntax error of a file; what follows it is mostly its echo. */
export const syntaxMistake = (error: YAMLParseError, at: Position, line: string): Mistake => {
  const bare = bareReference(line)
  if (bare === undefined) {
    return { at, path: [], message: messageOf(error), mend: MENDS[error.code] ?? 'correct the YAML' }
  }
  const example = bare.start === '{{' ? '"{{ … }}"' : '"${…}"'
  return {
    at: { line: at.line, column: bare.column },
    path: [],
    message: `a bare ${bare.start} starts a mapping here`,
    mend: `${QUOTE}: ${example}`,
  }
}
