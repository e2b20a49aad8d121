import type { ScriptAnalysis } from '../analysis.ts'
import { defaultsFor } from './defaults.ts'
import { pinnedName, versionOf, type Dependencies } from './pinned.ts'
import { isPackageName, isVersion, parseRequest } from './request.ts'

/** A package that a script wants installed. */
export interface WantedModule {
  readonly name: string
  /** Undefined: any. */
  readonly version: string | undefined
  /** The name that it is installed under. */
  readonly installedAs: string
  /** What a package.json says of it, as `npm:axios@0.19.2`. */
  readonly specifier: string
}

/** Something that cannot be installed, and why. */
export interface RefusedModule {
  readonly request: string
  readonly why: string
  /** Where the script asks for it; undefined: among the dependencies. */
  readonly line?: number
}

/** A version of a package under a name of its own. */
export const pinned = (name: string, version: string): WantedModule => ({
  name,
  version,
  installedAs: pinnedName(name, version),
  specifier: `npm:${name}@${version}`,
})

const wanted = (name: string, version: string | undefined, defaults: Dependencies): WantedModule => {
  if (version !== undefined) return pinned(name, version)
  const specifier = Object.hasOwn(defaults, name) ? defaults[name] : undefined
  return { name, version, installedAs: name, specifier: specifier ?? '*' }
}

/** The packages of a script's requires and of its dependencies, each once, and what of both is refused. */
export const wantedModules = (
  analysis: Pick<ScriptAnalysis, 'kind' | 'methods' | 'requires'>,
  dependencies: Dependencies,
): { readonly wanted: readonly WantedModule[]; readonly refused: readonly RefusedModule[] } => {
  const found = new Map<string, WantedModule>()
  const refused: RefusedModule[] = []
  const defaults = defaultsFor(analysis)
  const want = (one: WantedModule) => void found.set(one.installedAs, one)
  for (const [name, version] of Object.entries(dependencies)) {
    if (!isPackageName(name)) refused.push({ request: name, why: 'it is no name of a package' })
    else if (!isVersion(version))
      refused.push({ request: `${name}@${version}`, why: `${version} is no version` })
    else want(wanted(name, version, defaults))
  }
  const refusedNames = new Set(refused.map(({ request }) => request))
  for (const { request, dynamic, line } of analysis.requires) {
    if (dynamic === true) continue
    const asked = parseRequest(request)
    if (asked.kind === 'invalid') refused.push({ request, why: asked.why, line })
    if (asked.kind !== 'package') continue
    const version = versionOf(asked, dependencies)
    if (version !== undefined && refusedNames.has(`${asked.name}@${version}`)) continue
    want(wanted(asked.name, version, defaults))
  }
  return { wanted: [...found.values()], refused }
}
