import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What installs packages. */
const PACKAGE_MANAGERS = ['npm', 'pnpm', 'yarn'] as const

export type PackageManager = (typeof PACKAGE_MANAGERS)[number]

const LOCKFILES: Readonly<Record<PackageManager, readonly string[]>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'],
  pnpm: ['pnpm-lock.yaml'],
  yarn: ['yarn.lock'],
}

const named = (text: string): PackageManager | undefined =>
  PACKAGE_MANAGERS.find(
    (manager) => text === manager || text.startsWith(`${manager}@`) || text.startsWith(`${manager}/`),
  )

const ofManifest = (folder: string): PackageManager | undefined => {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const field: unknown =
      typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'packageManager') : undefined
    return typeof field === 'string' ? named(field) : undefined
  } catch {
    return undefined
  }
}

/**
 * The package manager of a folder: that of its lockfile or of `packageManager` in its package.json, else of those of
 * the folders above; else the one that runs this program; else npm.
 */
export const detectPackageManager = (folder: string, userAgent: string | undefined): PackageManager => {
  for (let at = folder; ; at = dirname(at)) {
    const locked = PACKAGE_MANAGERS.find((manager) =>
      LOCKFILES[manager].some((file) => existsSync(join(at, file))),
    )
    const found = locked ?? ofManifest(at)
    if (found !== undefined) return found
    if (dirname(at) === at) return named(userAgent ?? '') ?? 'npm'
  }
}

/** How an installation is called: without a shell, and never with the packages' own scripts. */
export interface InstallCommand {
  readonly command: PackageManager
  readonly args: readonly string[]
  /** Over the environment of this process. */
  readonly env: Readonly<Record<string, string>>
}

/** The call that installs what a folder's package.json says; of yarn, the version decides. */
export const installCommand = (manager: PackageManager, version: string): InstallCommand => {
  if (manager === 'npm') {
    return {
      command: 'npm',
      args: ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-workspaces'],
      env: {},
    }
  }
  if (manager === 'pnpm') {
    // The folder may lie in somebody's workspace, and CI freezes lockfiles unless told otherwise.
    return {
      command: 'pnpm',
      args: ['install', '--ignore-scripts', '--ignore-workspace', '--no-frozen-lockfile'],
      env: {},
    }
  }
  if (version.startsWith('1.')) {
    return { command: 'yarn', args: ['install', '--ignore-scripts', '--non-interactive'], env: {} }
  }
  return {
    command: 'yarn',
    args: ['install', '--mode=skip-build'],
    // Scripts are found as Node finds modules, so there must be a node_modules.
    env: {
      YARN_NODE_LINKER: 'node-modules',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      YARN_ENABLE_SCRIPTS: 'false',
    },
  }
}
