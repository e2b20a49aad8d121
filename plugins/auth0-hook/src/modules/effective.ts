import type { ScriptAnalysis } from '../analysis.ts'
import { defaultsFor } from './defaults.ts'
import { pinnedName, type Dependencies } from './pinned.ts'
import { isInstalled } from './resolve.ts'

/**
 * The versions that a script's requires mean: those that its connector names, and such defaults of its own as have a
 * name of their own, since another script beside it has the plain one.
 */
export const effectiveDependencies = (
  script: string,
  analysis: Pick<ScriptAnalysis, 'kind' | 'methods'>,
  dependencies: Dependencies,
): Dependencies => {
  const beside = Object.entries(defaultsFor(analysis)).filter(([name, version]) =>
    isInstalled(pinnedName(name, version), script),
  )
  return { ...Object.fromEntries(beside), ...dependencies }
}
