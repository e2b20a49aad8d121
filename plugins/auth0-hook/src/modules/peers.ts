import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { z } from 'zod'
import { isPackageName } from './request.ts'

/** A package that another needs beside it and that is not there. */
export interface MissingPeer {
  readonly name: string
  /** As the other's package.json says it. */
  readonly range: string
}

const manifestSchema = z.object({
  peerDependencies: z.record(z.string(), z.string()).catch({}),
  peerDependenciesMeta: z.record(z.string(), z.unknown()).catch({}),
})

const optionalSchema = z.object({ optional: z.literal(true) })

/**
 * What an installed package needs beside it and does not find. yarn 1, and npm when it is told so, leave that to whoever
 * asks for the package.
 */
export const missingPeersOf = (installed: string, manifest: object): readonly MissingPeer[] => {
  const { peerDependencies, peerDependenciesMeta } = manifestSchema.parse(manifest)
  const needed = Object.entries(peerDependencies).filter(
    ([name]) => isPackageName(name) && !optionalSchema.safeParse(peerDependenciesMeta[name]).success,
  )
  if (needed.length === 0) return []
  // pnpm puts them beside the package, which is linked from elsewhere.
  const { resolve } = createRequire(join(realpathSync(installed), 'package.json'))
  return needed.flatMap(([name, range]) => {
    // A package of types, or of ES modules, is there and cannot be resolved. Node's own have no paths.
    const paths = resolve.paths(name)
    const isThere = paths === null || paths.some((path) => existsSync(join(path, name, 'package.json')))
    return isThere ? [] : [{ name, range }]
  })
}
