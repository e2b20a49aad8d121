import { dirname, resolve } from 'node:path'
import { check } from './check.ts'
import { ConfigurationError } from './finding.ts'
import { loadEnvironment } from './environment.ts'
import { frameSchema } from './frame.ts'
import { frameForm, readText, serviceIn, type ServiceConfiguration } from './load.ts'
import { readYaml } from './read.ts'
import type { Environment } from './references.ts'
import type { Tree } from './tree.ts'

/** A connector as the file has it, right or wrong. */
export interface OutlinedConnector {
  readonly name: string
  readonly uses: unknown
  /** References that the environment has are replaced; others are as written. */
  readonly with: unknown
}

const valueOf = (tree: Tree | undefined): unknown => {
  if (tree === undefined) return undefined
  if (tree.kind === 'scalar') return tree.value
  if (tree.kind === 'list') return tree.items.map(valueOf)
  return Object.fromEntries([...tree.entries].map(([key, { tree }]) => [key, valueOf(tree)]))
}

const inside = (tree: Tree | undefined, key: string): Tree | undefined =>
  tree?.kind === 'mapping' ? tree.entries.get(key)?.tree : undefined

/**
 * Reads which connectors a configuration file has, where secrets are not at hand: when an image is built.
 * Throws ConfigurationError for what is not YAML, and OnSignupError `file_unreadable`.
 */
export const outlineConnectors = async (
  path: string,
  env: Environment,
): Promise<{ readonly folder: string; readonly connectors: readonly OutlinedConnector[] }> => {
  const folder = dirname(resolve(path))
  const { tree, mistakes } = readYaml(await readText(path), await loadEnvironment(folder, env))
  if (tree === undefined) throw new ConfigurationError(path, mistakes)
  const connectors = inside(tree, 'connectors')
  return {
    folder,
    connectors:
      connectors?.kind === 'mapping'
        ? [...connectors.entries].map(([name, { tree }]) => ({
            name,
            uses: valueOf(inside(tree, 'uses')),
            with: valueOf(inside(tree, 'with')),
          }))
        : [],
  }
}

const serviceSchema = frameSchema.pick({ server: true, store: true })
/** Parts of a file in which mistakes say nothing of where the service and its store are. */
const OTHERS: readonly unknown[] = Object.keys(frameSchema.omit({ server: true, store: true }).shape)

/**
 * Reads where the service of a configuration file is, and its store, whatever is wrong with its connectors.
 * Throws ConfigurationError for mistakes that bear on that, and OnSignupError `file_unreadable`.
 */
export const outlineService = async (path: string, env: Environment): Promise<ServiceConfiguration> => {
  const folder = dirname(resolve(path))
  const text = await readText(path)
  const reading = readYaml(text, await loadEnvironment(folder, env))
  const { tree } = reading
  if (tree === undefined) throw new ConfigurationError(path, reading.mistakes)
  const framed = await check(frameForm, { file: tree, text, path: [] })
  const mistakes = [...reading.mistakes, ...framed.mistakes].filter((each) => !OTHERS.includes(each.path[0]))
  if (mistakes.length > 0) throw new ConfigurationError(path, mistakes)
  const { server, store } = Object(framed.value)
  return serviceIn(serviceSchema.parse({ server, store }), folder)
}
