import type { ScriptAnalysis } from '../analysis.ts'
import { effectiveDependencies } from './effective.ts'
import type { Dependencies } from './pinned.ts'
import { isForImportOnly, ModuleNotFoundError, resolveModule } from './resolve.ts'

/** One `require` of a script that would fail. */
export interface Missing {
  readonly request: string
  readonly line: number
  readonly column: number
  /** As `the module axios is not installed`. */
  readonly what: string
  /** The same with its place in front, as `hooks/a.js:3:15: the module axios is not installed`. */
  readonly message: string
  readonly mend: string
}

/** The requires of a script that would fail as things are; what stands alone in a `try` may be missing. */
export const missingModules = (
  scriptFile: string,
  analysis: Pick<ScriptAnalysis, 'kind' | 'methods' | 'requires'>,
  dependencies: Dependencies = {},
): readonly Missing[] => {
  const effective = effectiveDependencies(scriptFile, analysis, dependencies)
  return analysis.requires.flatMap(({ request, line, column, builtin, dynamic, optional, imported }) => {
    if (builtin || dynamic === true || optional === true) return []
    try {
      resolveModule(request, scriptFile, effective)
      return []
    } catch (error) {
      if (!(error instanceof ModuleNotFoundError)) throw error
      const { message: what, mend } = error
      // An ES module alone: import() loads what require refuses.
      if (imported === true && isForImportOnly(error)) return []
      return [{ request, line, column, what, message: `${scriptFile}:${line}:${column}: ${what}`, mend }]
    }
  })
}
