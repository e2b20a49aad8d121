import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Place } from '@onsignup/auth0-hook/import'
import { isCommentedOut, variablesIn, writtenConnectors, type WrittenConnector } from '@onsignup/config'
import { OnSignupError } from '@onsignup/core'

/** Where an import goes, and what is there. */
export interface Target extends Place {
  /** The folder that files go to. Absolute. */
  readonly into: string
  /** The configuration. Absolute. */
  readonly config: string
  /** Its text; empty when it is not there. */
  readonly source: string
  /** A file of the import as the configuration names it. */
  scriptPath(file: string): string
  /** A connector as the configuration has it. */
  written(name: string): WrittenConnector | undefined
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The texts of a mapping option by their names. */
export const textsOf = (value: unknown): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(isRecord(value) ? value : {}).flatMap(([key, text]) =>
      typeof text === 'string' || typeof text === 'number' ? [[key, String(text)]] : [],
    ),
  )

const readIfThere = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return ''
    throw new OnSignupError('file_unreadable', `the configuration ${file} cannot be read`, {
      mend: 'name another with --config',
      cause,
    })
  }
}

/** Looks at the place that an import writes to. Throws ConfigurationError when its configuration is no YAML. */
export const openTarget = async (into: string, config: string): Promise<Target> => {
  const source = await readIfThere(config)
  const connectors = writtenConnectors(source, config)
  const folder = dirname(config)
  const scriptPath = (file: string): string => {
    const path = relative(folder, resolve(into, file)).replaceAll(sep, '/')
    return path.startsWith('../') ? path : `./${path}`
  }
  const isOurs = (connector: WrittenConnector | undefined, file: string): boolean => {
    const script = connector?.with['script']
    return typeof script === 'string' && resolve(folder, script) === resolve(into, file)
  }
  return {
    into,
    config,
    source,
    scriptPath,
    written: (name) => connectors.get(name),
    connectorOf(file, name) {
      const there = [...connectors.keys()].filter((each) => isOurs(connectors.get(each), file))
      const isNamed = there.includes(name) || isCommentedOut(source, name, scriptPath(file))
      return isNamed ? name : there[0]
    },
    hasName: (name) => connectors.has(name),
    variablesOf(name) {
      const secrets = textsOf(connectors.get(name)?.with['secrets'])
      return new Map(
        [...secrets].flatMap(([key, text]) => {
          const [, variable] = /^\$\{([A-Za-z_]\w*)/.exec(text) ?? []
          return variable === undefined ? [] : [[key, variable]]
        }),
      )
    },
    isUsed: (variable, ours) => variablesIn(source, config, ours).has(variable),
  }
}
