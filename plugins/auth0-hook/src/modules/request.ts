import { isBuiltin } from 'node:module'

/** What a script asks `require` for. */
export type ModuleRequest =
  | { readonly kind: 'builtin'; readonly name: string }
  /** A file beside the script. */
  | { readonly kind: 'file'; readonly name: string }
  | {
      readonly kind: 'package'
      readonly name: string
      /** As written after the `@`: exact or a range. */
      readonly version?: string
      /** What follows the name, without the `/` in front. */
      readonly subpath?: string
    }
  | { readonly kind: 'invalid'; readonly name: string; readonly why: string }

// https://github.com/npm/validate-npm-package-name, 7.0, for names that exist: some on the registry have capitals.
const NAME = /^(?:@[a-z0-9~_-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i
const NEVER = new Set(['node_modules', 'favicon.ico', '__proto__', 'constructor', 'prototype'])

/** Whether npm takes it as a package's name. Neither a path nor an option of a command line is one. */
export const isPackageName = (name: string): boolean =>
  name.length <= 214 && NAME.test(name) && !name.startsWith('-') && !NEVER.has(name.toLowerCase())

// Ranges as `^2.949.0`, `>=1.2 <2`, `1.x || 2.x`, and tags as `latest`; never `file:`, `git+ssh:` or `npm:`.
const VERSION = /^[\w.^~<>=*][\w.+^~<>=*| -]{0,99}$/

/** Whether it is a version, a range or a tag of a registry, and nothing that leads elsewhere. */
export const isVersion = (version: string): boolean => VERSION.test(version)

// As verquire, Auth0's: https://github.com/auth0/verquire; the folder in front is seen in public Hooks.
const REQUEST =
  /^(?:\.\/node_modules\/)?(?<name>(?:@[^@/]+\/)?[^@/]+)(?:@(?<version>[^/]+))?(?:\/(?<subpath>.*))?$/

/** Reads a request as Auth0 did: `x`, `x@1.2.3`, `./node_modules/x@1.2.3`, `x@1.2.3/sub`, `@scope/x@1.2.3`. */
export const parseRequest = (request: string): ModuleRequest => {
  if (isBuiltin(request)) return { kind: 'builtin', name: request }
  const invalid = (why: string): ModuleRequest => ({ kind: 'invalid', name: request, why })
  if (/^(?:\.{1,2}(?:\/|$)|\/|[a-z]:[\\/]|file:)/i.test(request) && !request.startsWith('./node_modules/')) {
    return { kind: 'file', name: request }
  }
  const { name, version, subpath } = REQUEST.exec(request)?.groups ?? {}
  if (name === undefined || !isPackageName(name)) return invalid('it is no name of a package')
  if (version !== undefined && !isVersion(version)) return invalid(`${version} is no version`)
  if (subpath !== undefined && subpath.split('/').includes('..'))
    return invalid('it leads out of the package')
  return {
    kind: 'package',
    name,
    ...(version !== undefined && { version }),
    ...(subpath !== undefined && subpath !== '' && { subpath }),
  }
}
