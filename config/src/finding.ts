import { OnSignupError } from '@onsignup/core'

/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** The keys and list places that lead to a value. */
export type Path = readonly (string | number)[]

/** Something wrong with the configuration, before it is known which file it is in. */
export interface Mistake {
  readonly at: Position
  readonly path: Path
  /** What was found. */
  readonly message: string
  /** What to write instead. */
  readonly mend: string
}

/** One mistake in a configuration file, and what to write instead. */
export interface ConfigurationFinding extends Position {
  /** As the caller named it. */
  readonly file: string
  /** As `connectors.team-slack.with.channel`; empty for the whole file. */
  readonly path: string
  readonly message: string
  readonly mend: string
}

/** A path as people write it: `connectors.crm.with.blocks[0].text`. */
const formatPath = (path: Path): string =>
  path.reduce<string>((written, step) => {
    if (typeof step === 'number') return `${written}[${step}]`
    return written === '' ? step : `${written}.${step}`
  }, '')

/** One line: `onsignup.yaml:12:9  connectors.team-slack.with.channel  what  → mend`. */
export const formatFinding = ({ file, line, column, path, message, mend }: ConfigurationFinding): string =>
  [`${file}:${line}:${column}`, path, message, `→ ${mend}`].filter((part) => part !== '').join('  ')

/** Thrown by loadConfiguration with every mistake of the file, in the order of their places. */
export class ConfigurationError extends OnSignupError<'configuration_invalid'> {
  override readonly name = 'ConfigurationError'
  readonly findings: readonly ConfigurationFinding[]

  constructor(file: string, mistakes: readonly Mistake[]) {
    const findings = sorted(mistakes).map(({ at, path, message, mend }) => ({
      file,
      line: at.line,
      column: at.column,
      path: formatPath(path),
      message,
      mend,
    }))
    const count = findings.length === 1 ? '1 mistake' : `${findings.length} mistakes`
    super('configuration_invalid', [`${count} in ${file}`, ...findings.map(formatFinding)].join('\n'))
    this.findings = findings
  }
}

// An anchor's mistake is met again at every alias, but there is one place to mend.
const sorted = (mistakes: readonly Mistake[]): readonly Mistake[] => {
  const byPlace = new Map<string, Mistake>()
  for (const mistake of mistakes) {
    const place = `${mistake.at.line}:${mistake.at.column} ${mistake.path.at(-1)} ${mistake.message}`
    if (!byPlace.has(place)) byPlace.set(place, mistake)
  }
  return [...byPlace.values()].toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
}
