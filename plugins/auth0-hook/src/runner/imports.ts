import { isBuiltin, registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Dependencies } from '../modules/pinned.ts'
import { installedSpecifier } from '../modules/resolve.ts'
import { isInPackage, type UseBuiltin } from './require.ts'

const { getBuiltinModule } = process

/** Has a script's `import()` find the versions that its `require` finds; Node looks for all else as it does. */
export const pinImports = (dependencies: Dependencies, useBuiltin: UseBuiltin): void => {
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL } = context
      if (parentURL === undefined || !parentURL.startsWith('file:')) return next(specifier, context)
      const from = fileURLToPath(parentURL)
      if (isBuiltin(specifier) && context.conditions.includes('import')) {
        useBuiltin(specifier, getBuiltinModule(specifier), !isInPackage(from))
      }
      return next(isInPackage(from) ? specifier : installedSpecifier(specifier, from, dependencies), context)
    },
  })
}

/** Has `process.getBuiltinModule` tell which of Node's modules it gave. */
export const tellBuiltins = (useBuiltin: UseBuiltin): void => {
  process.getBuiltinModule = (name: string) => {
    const exports = getBuiltinModule(name)
    useBuiltin(name, exports, true)
    return exports
  }
}
