import type { ScriptAnalysis } from '../analysis.ts'
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

/**
 * What a plain `require` gets where nothing says which version: the newest, but for packages whose newest a script
 * of Auth0's time cannot use. got 12, node-fetch 3 and p-retry 5 are ES modules with a default export; jsforce 2,
 * mongodb 5, redis 4, slack-notify 2 and stripe 22 answer with promises in place of callbacks; uuid 9 lost `uuid/v4`,
 * auth0 4 renamed its methods; stripe 12 speaks a newer version of Stripe's API than the account's (changelogs, 2026-11).
 */
const AS_AT_AUTH0: Dependencies = {
  auth0: '^3.0.0',
  got: '^11.8.0',
  jsforce: '^1.11.0',
  mongodb: '^4.1.0',
  'node-fetch': '^2.6.0',
  'p-retry': '^4.6.0',
  redis: '^3.1.0',
  'slack-notify': '^0.1.7',
  stripe: '^8.52.0',
  uuid: '^8.3.0',
}

/** Of an Action: Auth0's own templates call auth0 4 (https://github.com/auth0/opensource-marketplace, 2026-11). */
const IN_ACTIONS: Dependencies = { ...AS_AT_AUTH0, auth0: '^4.0.0' }

const wanted = (name: string, version: string | undefined, defaults: Dependencies): WantedModule => {
  if (version !== undefined) {
    return { name, version, installedAs: pinnedName(name, version), specifier: `npm:${name}@${version}` }
  }
  const specifier = Object.hasOwn(defaults, name) ? defaults[name] : undefined
  return { name, version, installedAs: name, specifier: specifier ?? '*' }
}

/** The packages of a script's requires and of its dependencies, each once, and what of both is refused. */
export const wantedModules = (
  { kind, requires }: Pick<ScriptAnalysis, 'kind' | 'requires'>,
  dependencies: Dependencies,
): { readonly wanted: readonly WantedModule[]; readonly refused: readonly RefusedModule[] } => {
  const found = new Map<string, WantedModule>()
  const refused: RefusedModule[] = []
  const defaults = kind === 'action' ? IN_ACTIONS : AS_AT_AUTH0
  const want = (one: WantedModule) => void found.set(one.installedAs, one)
  for (const [name, version] of Object.entries(dependencies)) {
    if (!isPackageName(name)) refused.push({ request: name, why: 'it is no name of a package' })
    else if (!isVersion(version))
      refused.push({ request: `${name}@${version}`, why: `${version} is no version` })
    else want(wanted(name, version, defaults))
  }
  const refusedNames = new Set(refused.map(({ request }) => request))
  for (const { request, dynamic, line } of requires) {
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
