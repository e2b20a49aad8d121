import type { Finding } from '@onsignup/core'
import type { ScriptAnalysis } from './analysis.ts'
import { missingModules } from './modules/missing.ts'
import type { Dependencies } from './modules/pinned.ts'

export interface PreflightOptions {
  /** The script's path. */
  readonly script: string
  /** As the configuration names it. */
  readonly named: string
  readonly dependencies: Dependencies
  /** The names of the secrets that it is given. */
  readonly secrets: readonly string[]
  /** Whether it is given the global `configuration`. */
  readonly configuration: boolean
}

const KINDS: Readonly<Record<ScriptAnalysis['kind'], Finding>> = {
  hook: { state: 'proved', what: 'it is a Hook: it assigns module.exports' },
  action: { state: 'proved', what: 'it is an Action: it exports onExecutePostUserRegistration' },
  neither: {
    state: 'failed',
    what: 'it exports neither a Hook nor an Action',
    mend: 'write module.exports = function (user, context, cb) { … }, or exports.onExecutePostUserRegistration = async (event, api) => { … }',
  },
}

const THROWS = {
  throws: 'is not there, so that this line throws',
  undefined: 'is not there: it is undefined',
}

/** The modules that a script would ask for in vain, before it does. */
export const moduleFindings = (
  analysis: ScriptAnalysis,
  { script, named, dependencies }: Pick<PreflightOptions, 'script' | 'named' | 'dependencies'>,
): readonly Finding[] =>
  missingModules(script, analysis, dependencies).map(({ line, column, what, mend }) => ({
    state: 'failed',
    what: `${named}:${line}:${column}: ${what}`,
    mend,
  }))

/** All that can be said of a script that parses without running it. What would only fail on some way is unproved. */
export const preflight = (analysis: ScriptAnalysis, options: PreflightOptions): readonly Finding[] => {
  const { named, secrets, configuration } = options
  if (analysis.syntaxError !== undefined) {
    const { message } = analysis.syntaxError
    return [{ state: 'unproved', what: `what ${named} is and needs cannot be read from it: ${message}` }]
  }
  const missing = moduleFindings(analysis, options)
  const doubts: { readonly line: number; readonly what: string; readonly mend: string }[] = [
    ...analysis.unknownCalls.map(({ line, what, effect, mend }) => ({
      line,
      what: `${what} ${THROWS[effect]}`,
      mend,
    })),
    ...analysis.secrets
      .filter(({ name }) => !secrets.includes(name))
      .map(({ name, line }) => ({
        line,
        what: `the secret ${name} is not set`,
        mend: `add it to with.secrets`,
      })),
    ...analysis.magicGlobals.map(({ name, line }) => ({
      line,
      what: `nothing defines ${name}, which Auth0 did up to Node 12`,
      mend: 'require it in the script',
    })),
  ]
  return [
    KINDS[analysis.kind],
    ...missing,
    ...(missing.length === 0 && analysis.requires.some(({ builtin }) => !builtin)
      ? [{ state: 'proved', what: 'the modules that it requires are there' } as const]
      : []),
    ...doubts
      .toSorted((one, other) => one.line - other.line)
      .map(
        ({ line, what, mend }) => ({ state: 'unproved', what: `${named}:${line}: ${what}`, mend }) as const,
      ),
    ...(analysis.usesConfiguration && !configuration
      ? [
          {
            state: 'unproved',
            what: `${named} reads configuration, which only Rules had`,
            mend: 'write configuration: true, so that it is its secrets',
          } as const,
        ]
      : []),
    ...analysis.directives.map(
      (directive) =>
        ({
          state: 'unproved',
          what: `"${directive}" is ignored`,
          mend: 'take it out; onsignup hooks install installs what it requires',
        }) as const,
    ),
  ]
}
