import { analyseScript } from '../analysis.ts'
import { connectorName, freeName, ownVariable, plainVariable } from './names.ts'
import { modulesOf, notesOf, type NeededModule, type Note } from './notes.ts'
import type { ExportedSecret } from './listed.ts'
import type { ExportedScript } from './select.ts'

/** What the place that an import writes to already has. */
export interface Place {
  /** The name of the connector that runs a file of the import; one that is written as a comment has it under `name`. */
  connectorOf(file: string, name: string): string | undefined
  /** Whether a connector has the name. */
  hasName(name: string): boolean
  /** The variables that a connector's secrets have already, by their names. */
  variablesOf(name: string): ReadonlyMap<string, string>
  /** Whether something else in the configuration uses a variable, given the connectors that are this import's. */
  isUsed(variable: string, ours: ReadonlySet<string>): boolean
}

/** A secret, and the variable of the environment that it is to come from. */
export interface PlannedSecret {
  readonly name: string
  readonly variable: string
  /** Its value is in the export in plain text, and is not taken over. */
  readonly isWritten: boolean
}

/** A script with its place in the configuration. */
export interface PlannedConnector {
  readonly name: string
  /** The configuration has it already. */
  readonly isThere: boolean
  readonly script: ExportedScript
  /** Where the script goes, relative to the folder of the import. */
  readonly file: string
  readonly secrets: readonly PlannedSecret[]
  readonly modules: readonly NeededModule[]
  readonly notes: readonly Note[]
}

const fileOf = (name: string): string => `hooks/${name}.js`

type Named = Pick<PlannedConnector, 'name' | 'isThere' | 'file' | 'script'>

const named = (scripts: readonly ExportedScript[], place: Place): readonly Named[] => {
  const taken = new Set<string>()
  // An operator may rename a connector; its file still tells whose script it is.
  const connectorOf = (name: string) => place.connectorOf(fileOf(name), name)
  return scripts.map((script) => {
    const name = freeName(
      connectorName(script.name),
      (candidate) =>
        !taken.has(candidate) && (connectorOf(candidate) !== undefined || !place.hasName(candidate)),
    )
    taken.add(name)
    const there = connectorOf(name)
    return { name: there ?? name, isThere: there !== undefined, file: fileOf(name), script }
  })
}

/** Whether the connectors that have a secret of one name can share a variable. */
const isShared = (secrets: readonly ExportedSecret[]): boolean => {
  const [first] = secrets
  return (
    secrets.length < 2 ||
    (first?.meaning !== undefined && secrets.every(({ meaning }) => meaning === first.meaning))
  )
}

/** Gives scripts their names, files and variables: the same ones every time. */
export const plan = (scripts: readonly ExportedScript[], place: Place): readonly PlannedConnector[] => {
  const connectors = named(scripts, place)
  const ours = new Set(connectors.map(({ name }) => name))
  const byVariable = Map.groupBy(
    connectors.flatMap(({ script }) => script.secrets),
    ({ name }) => plainVariable(name) ?? name,
  )
  const given = new Set<string>()
  const variableOf = (connector: string, { name }: ExportedSecret): string => {
    const plain = plainVariable(name)
    const sharing = byVariable.get(plain ?? name) ?? []
    if (plain !== undefined && isShared(sharing) && !place.isUsed(plain, ours)) return plain
    const isFree = (candidate: string) =>
      !given.has(candidate) && !byVariable.has(candidate) && !place.isUsed(candidate, ours)
    const own = freeName(ownVariable(connector, name), isFree, '_')
    given.add(own)
    return own
  }
  return connectors.map(({ name, isThere, file, script }) => {
    const there = place.variablesOf(name)
    const analysis = analyseScript(script.source)
    return {
      name,
      isThere,
      script,
      file,
      modules: modulesOf(script, analysis),
      notes: notesOf(script, analysis),
      secrets: script.secrets.map((secret) => ({
        name: secret.name,
        variable: there.get(secret.name) ?? variableOf(name, secret),
        isWritten: secret.isWritten,
      })),
    }
  })
}
