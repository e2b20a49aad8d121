import type { ModuleRequest } from './request.ts'

/** Versions by name, as Auth0 kept them for each Hook: exact, or ranges. */
export type Dependencies = Readonly<Record<string, string>>

/**
 * The name under which a version of a package is installed, so that all are there side by side:
 * `axios-0.19.2` for `axios@0.19.2`. What no package's name may hold is written as its code.
 */
export const pinnedName = (name: string, version: string): string =>
  `${name}-${version.replaceAll(/[^A-Za-z0-9.-]/g, (sign) => `_${sign.charCodeAt(0).toString(16)}`)}`

/** The version that a request means: its own, else that of the dependencies; undefined for any. */
export const versionOf = (
  { name, version }: Extract<ModuleRequest, { kind: 'package' }>,
  dependencies: Dependencies,
): string | undefined => version ?? (Object.hasOwn(dependencies, name) ? dependencies[name] : undefined)
