import { readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { pinnedName, versionOf, type Dependencies } from './pinned.ts'
import { parseRequest, type ModuleRequest } from './request.ts'

/** What a request of a script leads to. */
export type ResolvedModule =
  | { readonly kind: 'builtin'; readonly name: string }
  /** An absolute path, to be loaded as Node loads it. */
  | { readonly kind: 'file'; readonly file: string }

/** The command that puts missing modules there. */
const INSTALL = 'run: onsignup hooks install'

/** What a script requires is not there, or cannot be required; its code is the one that scripts ask Node's for. */
export class ModuleNotFoundError extends Error {
  override readonly name = 'ModuleNotFoundError'
  readonly code = 'MODULE_NOT_FOUND'
  readonly request: string
  readonly mend: string

  constructor(request: string, message: string, mend: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.request = request
    this.mend = mend
  }
}

type PackageRequest = Extract<ModuleRequest, { kind: 'package' }>

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

const readManifest = (file: string): { version?: unknown; dependencies?: unknown } => {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof manifest === 'object' && manifest !== null ? manifest : {}
  } catch {
    return {}
  }
}

/** The nearest `node_modules/NAME/package.json` up from the script, as Node looks for it. */
const manifestOf = (name: string, script: string): { version?: unknown } | undefined => {
  for (const folder of createRequire(script).resolve.paths(name) ?? []) {
    const manifest = readManifest(join(folder, name, 'package.json'))
    if (manifest.version !== undefined) return manifest
  }
  return undefined
}

/** Whether there is a package of that name for the script. */
export const isInstalled = (name: string, script: string): boolean => manifestOf(name, script) !== undefined

/** Whether the package under its own name is that version, or was asked for in just these words. */
const isUnderOwnName = (name: string, version: string, script: string): boolean => {
  const { dependencies } = readManifest(join(dirname(script), 'package.json'))
  const asked: unknown =
    typeof dependencies === 'object' && dependencies !== null ? Reflect.get(dependencies, name) : undefined
  return asked === version || manifestOf(name, script)?.version === version
}

/** The name that is installed for a request of the script: that of its version, or its own. */
const installedName = (asked: PackageRequest, script: string, dependencies: Dependencies): string => {
  const version = versionOf(asked, dependencies)
  if (version === undefined) return asked.name
  const pinned = pinnedName(asked.name, version)
  if (isInstalled(pinned, script) || isBuiltin(asked.name)) return pinned
  return isUnderOwnName(asked.name, version, script) ? asked.name : pinned
}

const withSubpath = (name: string, { subpath }: PackageRequest): string =>
  subpath === undefined ? name : `${name}/${subpath}`

/** What Node is to look for in place of a request, as `axios-0.19.2` for `axios@0.19.2`; what is no package stays. */
export const installedSpecifier = (request: string, script: string, dependencies: Dependencies): string => {
  const asked = parseRequest(request)
  return asked.kind === 'package' ? withSubpath(installedName(asked, script, dependencies), asked) : request
}

/** Whether a package is there and has no way in for `require`, as ES modules may have none. */
export const isForImportOnly = ({ cause }: ModuleNotFoundError): boolean =>
  codeOf(cause) === 'ERR_PACKAGE_PATH_NOT_EXPORTED'

/** Why Node did not find a package's file; `named` is the package with its version. */
const notFound = (
  request: string,
  { subpath = 'what its main names' }: PackageRequest,
  named: string,
  isInstalled: boolean,
  cause: unknown,
): ModuleNotFoundError => {
  if (!isInstalled) {
    return new ModuleNotFoundError(request, `the module ${named} is not installed`, INSTALL, cause)
  }
  const mend = 'take a version that can be required'
  const refused = new ModuleNotFoundError(
    request,
    `${named} does not let ${request} be required`,
    mend,
    cause,
  )
  if (isForImportOnly(refused)) return refused
  return new ModuleNotFoundError(request, `${named} is installed and has no ${subpath}`, INSTALL, cause)
}

/**
 * Finds what a script's `require` means: Node's own modules, a file beside it, or a package as Node finds it from
 * the script's folder, of the version that the request or the dependencies name. Throws ModuleNotFoundError.
 */
export const resolveModule = (
  request: string,
  script: string,
  dependencies: Dependencies = {},
): ResolvedModule => {
  const asked = parseRequest(request)
  if (asked.kind === 'builtin') return { kind: 'builtin', name: asked.name }
  if (asked.kind === 'invalid') {
    throw new ModuleNotFoundError(
      request,
      `${request} cannot be required: ${asked.why}`,
      'correct the script',
    )
  }
  const { resolve } = createRequire(script)
  if (asked.kind === 'file') {
    try {
      return { kind: 'file', file: resolve(request) }
    } catch (cause) {
      const mend = `put it there, seen from ${dirname(script)}`
      throw new ModuleNotFoundError(request, `there is no file ${request}`, mend, cause)
    }
  }
  const installed = installedName(asked, script, dependencies)
  try {
    return {
      kind: 'file',
      file: resolve(withSubpath(installed, asked)),
    }
  } catch (cause) {
    const version = versionOf(asked, dependencies)
    const named = version === undefined ? asked.name : `${asked.name}@${version}`
    throw notFound(request, asked, named, isInstalled(installed, script), cause)
  }
}
