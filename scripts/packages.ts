import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ROOT } from './run.ts'

export interface Package {
  readonly name: string
  /** Relative to the root, as `plugins/slack`. */
  readonly folder: string
}

const nameIn = (manifest: unknown): string | undefined => {
  if (typeof manifest !== 'object' || manifest === null || !('name' in manifest)) return undefined
  if ('private' in manifest && manifest.private === true) return undefined
  return typeof manifest.name === 'string' ? manifest.name : undefined
}

/** The packages that are published: every one with a name that is not private. */
export const publishedPackages = async (): Promise<readonly Package[]> => {
  const packages: Package[] = []
  for await (const file of glob('{*,plugins/*}/package.json', { cwd: ROOT, exclude: ['node_modules'] })) {
    const name = nameIn(JSON.parse(await readFile(join(ROOT, file), 'utf8')))
    if (name !== undefined) packages.push({ name, folder: dirname(file) })
  }
  return packages.toSorted((a, b) => a.folder.localeCompare(b.folder))
}
