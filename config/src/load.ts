import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { createRedact, OnSignupError, type Settings } from '@onsignup/core'
import { nearest, settingsSchema, type Usable } from '@onsignup/core/engine'
import { z } from 'zod'
import { check, formOf } from './check.ts'
import { checkConnector, type CheckedConnector, type ResolvePlugin } from './connector.ts'
import { loadEnvironment } from './environment.ts'
import { ConfigurationError, type Mistake } from './finding.ts'
import { frameSchema, isSettings } from './frame.ts'
import { secretsIn } from './marks.ts'
import { readYaml } from './read.ts'
import type { Environment } from './references.ts'
import { checkSource, type ResolveSource, type SourceConfiguration } from './source.ts'
import { locate, type Tree } from './tree.ts'

/** One connector of the file. */
export interface ConnectorConfiguration {
  readonly name: string
  readonly uses: string
  readonly usable: Usable
  /** What the plugin's schema takes in: references replaced, numbers and booleans typed. */
  readonly with: unknown
  /** As written, over the plugin's own defaults. */
  readonly settings: Settings
  readonly if: string | undefined
}

/** Where a service is, and its store. */
export interface ServiceConfiguration {
  readonly server: {
    readonly port: number
    readonly host: string
    readonly token: string | null
    /** Milliseconds that a stop waits for what is in flight. */
    readonly grace: number
  }
  /** The absolute path of the SQLite file. */
  readonly store: string
}

/** A configuration file without a mistake. */
export interface Configuration extends ServiceConfiguration {
  /** Absolute. */
  readonly file: string
  /** What relative paths in the file are relative to. Absolute. */
  readonly folder: string
  /** Milliseconds that events are kept; null: for ever. */
  readonly retention: number | null
  /** The name of the connector that is told when another is parked; null: none. */
  readonly alerts: string | null
  readonly sources: readonly SourceConfiguration[]
  readonly connectors: readonly ConnectorConfiguration[]
  /** Values that must never be shown. */
  readonly secrets: readonly string[]
}

/** What loading needs from outside. */
export interface ConfigurationPorts {
  readonly env: Environment
  readonly resolvePlugin: ResolvePlugin
  readonly resolveSource: ResolveSource
}

export const readText = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new OnSignupError('file_unreadable', `the configuration ${path} cannot be read`, {
      mend: 'write it, or name another file; onsignup.yaml of @onsignup/config is an example to copy',
      cause,
    })
  }
}

export const frameForm = formOf(frameSchema)

const namesIn = (file: Tree, key: 'connectors' | 'sources'): readonly string[] => {
  const { tree } = locate(file, [key])
  return tree?.kind === 'mapping' ? [...tree.entries.keys()] : []
}

/** A plugin's own words may hold what its schema refused. */
const withoutSecrets = (
  mistakes: readonly Mistake[],
  file: Tree,
  secrets: readonly string[],
): readonly Mistake[] =>
  mistakes.map((mistake) => {
    const { tree } = locate(file, mistake.path)
    const variables = tree?.kind === 'scalar' ? tree.variables.map(({ value }) => value) : []
    const redact = createRedact([...secrets, ...variables])
    return { ...mistake, message: redact(mistake.message), mend: redact(mistake.mend) }
  })

/** Alerts can go to a connector of the file only. */
const alertsMistakes = (file: Tree, names: readonly string[]): readonly Mistake[] => {
  const path = ['alerts']
  const { tree, at } = locate(file, path)
  if (tree?.kind !== 'scalar' || typeof tree.value !== 'string' || names.includes(tree.value)) return []
  const mend = `write ${nearest(tree.value, names) ?? 'the name of one of the connectors'}`
  return [{ at, path, message: `there is no connector ${tree.value}`, mend }]
}

type Frame = ReturnType<typeof frameSchema.parse>

export const serviceIn = (
  { server, store }: Pick<Frame, 'server' | 'store'>,
  folder: string,
): ServiceConfiguration => {
  const { port, host, token = null, grace } = server
  return {
    server: { port, host: host ?? (token === null ? '127.0.0.1' : '0.0.0.0'), token, grace },
    store: resolve(folder, store),
  }
}

const writtenSchema = z.object({ connectors: z.record(z.string(), z.looseObject({})) })

/** Settings with their durations as written, since the engine lays them over the plugin's. */
const settingsOf = (framed: unknown, name: string): Settings => {
  const written = Object.entries(writtenSchema.parse(framed).connectors[name] ?? {})
  const settings = Object.fromEntries(written.filter(([key]) => Object.hasOwn(settingsSchema.shape, key)))
  return isSettings(settings) ? settings : {}
}

const connectorsOf = (
  checked: readonly CheckedConnector[],
  { connectors }: Frame,
  framed: unknown,
): readonly ConnectorConfiguration[] =>
  checked.flatMap(({ name, usable, with: options }) => {
    const connector = connectors[name]
    return usable === undefined || connector === undefined
      ? []
      : [
          {
            name,
            uses: connector.uses,
            usable,
            with: options,
            settings: settingsOf(framed, name),
            if: connector.if,
          },
        ]
  })

/**
 * Reads a configuration file and checks all of it, its plugins' options and templates too.
 * Throws ConfigurationError with every mistake, and OnSignupError `file_unreadable`.
 */
export const loadConfiguration = async (
  path: string,
  { env, resolvePlugin, resolveSource }: ConfigurationPorts,
): Promise<Configuration> => {
  const file = resolve(path)
  const folder = dirname(file)
  const text = await readText(path)
  const reading = readYaml(text, await loadEnvironment(folder, env))
  const { tree } = reading
  if (tree === undefined) throw new ConfigurationError(path, reading.mistakes)

  const part = { file: tree, text }
  const framed = await check(frameForm, { ...part, path: [] })
  const connectorNames = namesIn(tree, 'connectors')
  const [connectors, sources] = await Promise.all([
    Promise.all(connectorNames.map((name) => checkConnector(name, part, folder, resolvePlugin))),
    Promise.all(namesIn(tree, 'sources').map((name) => checkSource(name, part, resolveSource))),
  ])
  const mistakes = [
    ...[reading, framed, ...sources, ...connectors].flatMap((one) => one.mistakes),
    ...alertsMistakes(tree, connectorNames),
  ]
  const secrets = [
    ...new Set([...secretsIn(tree, frameForm), ...[...sources, ...connectors].flatMap((one) => one.secrets)]),
  ]
  if (mistakes.length > 0) throw new ConfigurationError(path, withoutSecrets(mistakes, tree, secrets))

  const frame = frameSchema.parse(framed.value)
  return {
    file,
    folder,
    ...serviceIn(frame, folder),
    retention: frame.retention ?? null,
    alerts: frame.alerts ?? null,
    sources: sources.map(({ name, uses, options }) => ({ name, uses, options })),
    connectors: connectorsOf(connectors, frame, framed.value),
    secrets,
  }
}
