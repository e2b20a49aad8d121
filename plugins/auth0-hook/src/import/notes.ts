import type { ScriptAnalysis } from '../analysis.ts'
import { MAP_IT, markersIn } from './keywords.ts'
import type { ExportedScript } from './select.ts'

/** What somebody should look at before a script runs. Lines are the script's and count from 1; none: of the whole. */
export interface Note {
  readonly line?: number
  readonly what: string
  readonly mend?: string
}

/** A package that a script requires. */
export interface NeededModule {
  readonly name: string
  /** As the script or the export names it; undefined where neither does. */
  readonly version: string | undefined
}

/** The packages that a script requires, each once, and those that only the export names. */
export const modulesOf = (script: ExportedScript, { requires }: ScriptAnalysis): readonly NeededModule[] => {
  const { dependencies } = script
  const needed = new Map<string, NeededModule>()
  for (const { name, version, builtin, file, dynamic } of requires) {
    if (builtin || file === true || dynamic === true) continue
    needed.set(`${name}@${version}`, { name, version: version ?? dependencies.get(name) })
  }
  return [...needed.values()]
}

const ofSecrets = (script: ExportedScript, { secrets }: ScriptAnalysis): readonly Note[] => {
  const listed = new Set(script.secrets.map(({ name }) => name))
  return secrets
    .filter(({ name }) => !listed.has(name))
    .map(({ name, line }) => ({
      line,
      what: `reads the secret ${name}, which the export does not list`,
      mend: `add it to with.secrets, if it is one`,
    }))
}

const ofRequires = ({ requires }: ScriptAnalysis): readonly Note[] =>
  requires.flatMap(({ request, line, file, dynamic }): readonly Note[] => {
    if (file === true) {
      return [
        { line, what: `requires ${request}, a file that Auth0 never had`, mend: 'put it beside the script' },
      ]
    }
    if (dynamic !== true) return []
    return [
      {
        line,
        what: `requires what only the run knows: ${request}`,
        mend: 'name the package in dependencies',
      },
    ]
  })

const ofForm = ({ kind, syntaxError }: ScriptAnalysis): readonly Note[] => {
  if (syntaxError !== undefined) {
    return [{ line: syntaxError.line, what: `cannot be read: ${syntaxError.message}`, mend: 'correct it' }]
  }
  if (kind !== 'neither') return []
  return [
    {
      what: 'exports no function that can be run',
      mend: 'write module.exports = function (user, context, cb) { … }',
    },
  ]
}

/** Everything about a script that an operator should know, the whole first, then by line. */
export const notesOf = (script: ExportedScript, analysis: ScriptAnalysis): readonly Note[] =>
  [
    ...script.remarks.map((what) => ({ what })),
    ...ofForm(analysis),
    ...ofSecrets(script, analysis),
    ...ofRequires(analysis),
    ...analysis.unknownCalls.map(({ what, line, effect, mend }) => ({
      line,
      what: `${what} exists nowhere: ${effect === 'throws' ? 'it throws' : 'it is undefined'}`,
      mend,
    })),
    ...analysis.magicGlobals.map(({ name, line }) => ({
      line,
      what: `uses ${name}, which only Auth0's Node 12 had without require`,
      mend: `write const ${name} = require(…)`,
    })),
    ...(analysis.usesConfiguration
      ? [{ what: 'reads configuration, which Hooks never had', mend: 'write configuration: true under with' }]
      : []),
    ...markersIn(script.source).map(({ marker, line }) => ({
      line,
      what: `${marker} was not replaced`,
      mend: MAP_IT,
    })),
  ].toSorted((a: Note, b: Note) => (a.line ?? 0) - (b.line ?? 0))
