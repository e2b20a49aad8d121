import { readFileSync, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { constants, Script } from 'node:vm'
import type { Dependencies } from '../modules/pinned.ts'
import { resolveModule } from '../modules/resolve.ts'

/** What CommonJS code is called with. */
type Wrapper = (
  exports: unknown,
  require: unknown,
  module: unknown,
  filename: string,
  dirname: string,
) => unknown

interface Compiled {
  readonly changed: number
  readonly script: Script
}

/** A module as the code in it sees it. */
export interface ScriptModule {
  readonly id: string
  readonly filename: string
  readonly path: string
  readonly children: ScriptModule[]
  readonly paths: readonly string[]
  exports: unknown
  loaded: boolean
  webtask?: unknown
}

const HEAD = '(function (exports, require, module, __filename, __dirname) { '

/** Where a script's request leads: a file, or the name of a module of Node's. Throws MODULE_NOT_FOUND. */
const resolveInScript = (request: string, from: string, dependencies: Dependencies): string => {
  const resolved = resolveModule(request, from, dependencies)
  return resolved.kind === 'builtin' ? resolved.name : resolved.file
}

/** Where requests of what is installed lead, which asks for what it depends on itself; each is looked for once. */
const createResolveInPackage = (): ((request: string, from: string) => string) => {
  const known = new Map<string, string>()
  return (request, from) => {
    const key = `${dirname(from)}\0${request}`
    const found = known.get(key) ?? createRequire(from).resolve(request)
    known.set(key, found)
    return found
  }
}

/** Whether package.json says that the `.js` files of a folder are ES modules. */
const createIsModuleFolder = (): ((folder: string) => boolean) => {
  const known = new Map<string, boolean>()
  const isModuleFolder = (folder: string): boolean => {
    const before = known.get(folder)
    if (before !== undefined) return before
    const answer = look(folder)
    known.set(folder, answer)
    return answer
  }
  const look = (folder: string): boolean => {
    try {
      const found: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      return typeof found === 'object' && found !== null && 'type' in found && found.type === 'module'
    } catch {
      const parent = dirname(folder)
      return parent !== folder && !folder.endsWith('node_modules') && isModuleFolder(parent)
    }
  }
  return isModuleFolder
}

/** Whether a file is of an installed package, and not of the script's owner. */
export const isInPackage = (file: string): boolean => /[\\/]node_modules[\\/]/.test(file)

/** Loads a script with modules of its own, each evaluated anew; `prepare` may add to the script's own module. */
export type Load = (
  file: string,
  dependencies: Dependencies,
  prepare: (module: ScriptModule) => void,
) => unknown

/** Told of each of Node's modules that is used, and whether the script or a file beside it does, or a package. */
export type UseBuiltin = (name: string, exports: unknown, isByScript: boolean) => void

/** A loader that compiles each file once and evaluates it in every load. */
export const createLoad = (useBuiltin: UseBuiltin): Load => {
  const compiled = new Map<string, Compiled>()
  const isModuleFolder = createIsModuleFolder()
  const resolveInPackage = createResolveInPackage()

  const compile = (file: string): Script => {
    const before = compiled.get(file)
    // Packages change when they are installed, scripts while somebody looks at what they do.
    if (before !== undefined && isInPackage(file)) return before.script
    const changed = statSync(file).mtimeMs
    if (before?.changed === changed) return before.script
    const source = readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .replace(/^#!/, '//')
    const script = new Script(`${HEAD}${source}\n})`, {
      filename: file,
      columnOffset: -HEAD.length,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    compiled.set(file, { changed, script })
    return script
  }

  // ES modules, TypeScript and addons are Node's to load, once in a process.
  const isForNode = (file: string): boolean => {
    const extension = extname(file)
    if (extension !== '.js') return /^\.(?:mjs|node|[cm]?ts)$/.test(extension)
    return isInPackage(file) && isModuleFolder(dirname(file))
  }

  return (main, dependencies, prepare) => {
    const modules: Record<string, ScriptModule> = Object.create(null)
    const nodeRequire = createRequire(main)

    const evaluate = (file: string, parent?: ScriptModule): ScriptModule => {
      const module: ScriptModule = {
        id: parent === undefined ? '.' : file,
        filename: file,
        path: dirname(file),
        children: [],
        paths: [],
        exports: {},
        loaded: false,
      }
      modules[file] = module
      parent?.children.push(module)
      try {
        run(file, module)
      } catch (error) {
        delete modules[file]
        throw error
      }
      module.loaded = true
      return module
    }

    const run = (file: string, module: ScriptModule): void => {
      if (extname(file) === '.json') {
        module.exports = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
        return
      }
      const script = compile(file)
      if (modules[main] === module) prepare(module)
      const wrapper: Wrapper = script.runInThisContext()
      Reflect.apply(wrapper, module.exports, [module.exports, requireOf(module), module, file, module.path])
    }

    const requireOf = (parent: ScriptModule) => {
      const resolve = (request: string): string =>
        isInPackage(parent.filename)
          ? resolveInPackage(request, parent.filename)
          : resolveInScript(request, parent.filename, dependencies)
      const load = (request: string): unknown => {
        const found = resolve(request)
        if (isBuiltin(found)) {
          const exports: unknown = nodeRequire(found)
          useBuiltin(found, exports, !isInPackage(parent.filename))
          return exports
        }
        if (isForNode(found)) return nodeRequire(found)
        return (modules[found] ?? evaluate(found, parent)).exports
      }
      return Object.assign(load, { resolve, cache: modules, main: modules[main], extensions: {} })
    }

    return evaluate(main).exports
  }
}
