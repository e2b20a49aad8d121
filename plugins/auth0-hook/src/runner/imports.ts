import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Dependencies } from '../modules/pinned.ts'
import { installedSpecifier } from '../modules/resolve.ts'
import { isInPackage } from './require.ts'

/** Has a script's `import()` find the versions that its `require` finds; Node looks for all else as it does. */
export const pinImports = (dependencies: Dependencies): void => {
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL } = context
      if (parentURL === undefined || !parentURL.startsWith('file:')) return next(specifier, context)
      const from = fileURLToPath(parentURL)
      return next(isInPackage(from) ? specifier : installedSpecifier(specifier, from, dependencies), context)
    },
  })
}
