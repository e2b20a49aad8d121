import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { outputOf } from './run.ts'

const manifest = (tarballs: ReadonlyMap<string, string>): string => {
  const dependencies = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]))
  const overrides = Object.fromEntries([...tarballs.keys()].map((name) => [name, `$${name}`]))
  return JSON.stringify({ private: true, type: 'module', dependencies, overrides })
}

/** Throws when npm took one of ours from anywhere but its tarball. */
const assertOurs = (lock: string, names: Iterable<string>): void => {
  const { packages }: { packages: Record<string, { resolved?: string } | undefined> } = JSON.parse(lock)
  for (const name of names) {
    const found = Object.entries(packages).filter(([path]) => path.endsWith(`node_modules/${name}`))
    if (found.length === 1 && found[0]?.[1]?.resolved?.startsWith('file:') === true) continue
    throw new Error(`${name} was not installed once, from its tarball: ${JSON.stringify(found)}`)
  }
}

/** Installs packed packages, by name, in a folder outside the workspace, with their dependencies from the registry. */
export const installTarballs = async (
  folder: string,
  tarballs: ReadonlyMap<string, string>,
): Promise<void> => {
  await writeFile(join(folder, 'package.json'), manifest(tarballs))
  await outputOf(['npm', 'install', '--no-audit', '--no-fund'], folder)
  assertOurs(await readFile(join(folder, 'package-lock.json'), 'utf8'), tarballs.keys())
}
