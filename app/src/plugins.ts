import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isPlugin, OnSignupError, type Hook } from '@onsignup/core'
import { nearest, type Usable } from '@onsignup/core/engine'
import { importFile, importPackage } from './module-hooks.ts'

// The vendors' packages take a third of a second together, so each is imported when it is named.
const LOADERS = {
  slack: () => import('@onsignup/slack'),
  salesforce: () => import('@onsignup/salesforce'),
  email: () => import('@onsignup/email'),
  'auth0-hook': () => import('@onsignup/auth0-hook'),
} as const satisfies Record<string, () => Promise<unknown>>

type BuiltIn = keyof typeof LOADERS

const isBuiltIn = (uses: string): uses is BuiltIn => Object.hasOwn(LOADERS, uses)

/** The plugins that a configuration names without a package or a file. */
export const BUILT_IN: readonly BuiltIn[] = Object.keys(LOADERS).filter(isBuiltIn)

/** Why what `uses` names cannot be used. */
export type PluginErrorCode = 'plugin_unknown' | 'plugin_unloadable' | 'plugin_invalid'

/** What `uses` names is not there, does not load, or is no plugin. */
export class PluginError extends OnSignupError<PluginErrorCode> {
  override readonly name = 'PluginError'
}

const FILE = /^(?:\.{0,2}\/|[A-Za-z]:[\\/])/
const PACKAGE = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*(?:\/[\w./~-]+)?$/i
const SOURCE = /\.[cm]?[jt]s$/

const isMissingItself = (error: unknown, name: string): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'ERR_MODULE_NOT_FOUND' &&
  error.message.includes(`'${name}'`)

const unloadable = (uses: string, cause: unknown): PluginError => {
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new PluginError('plugin_unloadable', `${uses} cannot be loaded: ${what}`, {
    mend: 'correct it; node runs it as it is, so its types must be erasable',
    cause,
  })
}

const unknown = (uses: string, folder: string): PluginError => {
  const meant = nearest(uses, BUILT_IN)
  const others = `install the package in ${folder}, write ./a-file.ts, or one of ${BUILT_IN.join(', ')}`
  return new PluginError('plugin_unknown', `there is no plugin ${uses}`, {
    mend: meant === undefined ? others : `write ${meant}`,
  })
}

const loadFile = async (uses: string, folder: string): Promise<unknown> => {
  const file = resolve(folder, uses)
  try {
    await access(file)
  } catch (cause) {
    throw new PluginError('plugin_unknown', `there is no file ${uses} in ${folder}`, {
      mend: 'write the path relative to the folder of the configuration',
      cause,
    })
  }
  return importFile(file)
}

const load = async (uses: string, folder: string): Promise<unknown> => {
  try {
    if (isBuiltIn(uses)) return await LOADERS[uses]()
    if (FILE.test(uses)) return await loadFile(uses, folder)
    if (PACKAGE.test(uses) && !SOURCE.test(uses)) return await importPackage(uses, folder)
  } catch (error) {
    if (error instanceof PluginError) throw error
    if (!isMissingItself(error, uses)) throw unloadable(uses, error)
  }
  if (SOURCE.test(uses)) {
    throw new PluginError('plugin_unknown', `there is no plugin ${uses}`, { mend: `write ./${uses}` })
  }
  throw unknown(uses, folder)
}

const defaultOf = (module: unknown): unknown =>
  typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined

const isHook = (value: unknown): value is Hook => typeof value === 'function'

const isUsable = (value: unknown): value is Usable => isPlugin(value) || isHook(value)

/** Finds what a connector `uses`: a built-in name, a file, or a package seen from the folder. Throws PluginError. */
export const resolvePlugin = async (uses: string, folder: string): Promise<Usable> => {
  const exported = defaultOf(await load(uses, folder))
  // A package compiled to CommonJS has its default export within its default export.
  const usable = [exported, defaultOf(exported)].find(isUsable)
  if (usable !== undefined) return usable
  throw new PluginError(
    'plugin_invalid',
    `the default export of ${uses} is neither a plugin nor a function`,
    {
      mend: 'write export default definePlugin({ … }), or export default async (event, run) => { … }',
    },
  )
}
