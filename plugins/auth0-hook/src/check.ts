import { readFile } from 'node:fs/promises'
import { formatDuration, type Clock, type Finding, type Run } from '@onsignup/core'
import { analyseScript } from './analysis.ts'
import { preflight, type PreflightOptions } from './preflight.ts'
import { syntaxProblem } from './script.ts'

export interface CheckOptions extends PreflightOptions {
  /** Milliseconds that a run may take. */
  readonly limit: number
  readonly clock: Clock
}

const read = (script: string): Promise<string | undefined> => readFile(script, 'utf8').catch(() => undefined)

/** Looks at the script without running it: what it does as it loads, it would do to the world. */
export const check = async (options: CheckOptions, { deadline }: Run): Promise<readonly Finding[]> => {
  const { script, named, limit, clock } = options
  const source = await read(script)
  if (source === undefined) {
    return [{ state: 'failed', what: `${named} cannot be read`, mend: 'put the script there again' }]
  }
  const problem = syntaxProblem(source, script)
  if (problem !== undefined) {
    return [{ state: 'failed', what: `${named} does not parse: ${problem}`, mend: 'correct it' }]
  }
  const ends = deadline.getTime() - clock.now()
  const cut: Finding = {
    state: 'unproved',
    what: `a run may take ${formatDuration(limit)}, but the connector's timeout ends it before`,
    mend: `write a timeout of the connector that is longer than with.timeout, or leave it out`,
  }
  return [
    { state: 'proved', what: `${named} parses` },
    ...preflight(analyseScript(source), options),
    { state: 'unproved', what: 'what it does shows at the first registration' },
    ...(ends <= limit ? [cut] : []),
  ]
}
