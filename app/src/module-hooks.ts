import { readFileSync } from 'node:fs'
import { registerHooks, type ResolveFnOutput } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const OURS = /^(?:@onsignup\/(?:auth0-hook|core)|zod)(?:\/|$)/
const FROM = 'onsignup-from:'
const MODULE_SYNTAX = /^\s*(?:import\b\s*[\w{*'"]|export\b\s*[\w{*])/m
const COMMONJS_SYNTAX = /\bmodule\.exports\b|^\s*exports\.\w/m

/** The user's own files: what they import by our names is ours, whatever is installed around them. */
const adopted = new Set<string>()

const isNotFound = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')

const ours = (specifier: string): ResolveFnOutput => ({
  url: import.meta.resolve(specifier),
  shortCircuit: true,
})

/** Without a package.json that says what a file is, Node guesses, warns, or takes a module for CommonJS. */
const formatOf = (url: string): ResolveFnOutput['format'] => {
  const kind = /\.([jt])s$/.exec(url)?.[1]
  if (kind === undefined) return undefined
  const source = readFileSync(fileURLToPath(url), 'utf8')
  if (!MODULE_SYNTAX.test(source) || COMMONJS_SYNTAX.test(source)) return undefined
  return kind === 't' ? 'module-typescript' : 'module'
}

let isInstalled = false

const install = (): void => {
  if (isInstalled) return
  isInstalled = true
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith(FROM)) {
        const { searchParams } = new URL(specifier)
        return next(searchParams.get('name') ?? '', {
          ...context,
          parentURL: searchParams.get('folder') ?? undefined,
        })
      }
      const isFromAdopted = context.parentURL !== undefined && adopted.has(context.parentURL)
      if (isFromAdopted && OURS.test(specifier)) return ours(specifier)
      let found: ResolveFnOutput
      try {
        found = next(specifier, context)
      } catch (error) {
        // A package that leaves these to its host as peers is content with ours.
        if (OURS.test(specifier) && isNotFound(error)) return ours(specifier)
        throw error
      }
      const isOwn = isFromAdopted && found.url.startsWith('file:') && !found.url.includes('/node_modules/')
      if (!isOwn && !adopted.has(specifier)) return found
      adopted.add(found.url)
      return { ...found, format: formatOf(found.url) ?? found.format }
    },
  })
}

/** Imports a user's own file, TypeScript or not, whatever package.json is near it. */
export const importFile = async (file: string): Promise<unknown> => {
  install()
  const { href } = pathToFileURL(file)
  adopted.add(href)
  return import(href)
}

/** Imports a package as a module in the folder would. */
export const importPackage = async (name: string, folder: string): Promise<unknown> => {
  install()
  const folderUrl = pathToFileURL(`${folder}/onsignup.yaml`).href
  return import(`${FROM}?${new URLSearchParams({ name, folder: folderUrl })}`)
}
