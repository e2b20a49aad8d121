import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { analyseScript, type ScriptAnalysis } from '../analysis.ts'
import { manifestWith } from './manifest.ts'
import { missingModules, type Missing } from './missing.ts'
import { installCommand, type PackageManager } from './package-manager.ts'
import { missingPeersOf, type MissingPeer } from './peers.ts'
import type { Dependencies } from './pinned.ts'
import { pinned, wantedModules, type RefusedModule, type WantedModule } from './wanted.ts'

/** A script and what its connector says of its modules. */
export interface ScriptWithDependencies {
  /** Absolute. */
  readonly file: string
  readonly dependencies: Dependencies
}

/** What is to be installed into a folder of scripts. */
export interface FolderPlan {
  /** Where the package.json is, beside the scripts. */
  readonly folder: string
  readonly scripts: readonly (ScriptWithDependencies & { readonly analysis: ScriptAnalysis })[]
  readonly wanted: readonly WantedModule[]
  readonly refused: readonly (RefusedModule & { readonly file: string })[]
}

/** Reads scripts and says, for each of their folders, what is to be installed there. Throws what reading throws. */
export const planModules = (scripts: readonly ScriptWithDependencies[]): readonly FolderPlan[] => {
  const read = scripts.map((script) => ({
    ...script,
    analysis: analyseScript(readFileSync(script.file, 'utf8')),
    folder: dirname(script.file),
  }))
  return [...Map.groupBy(read, ({ folder }) => folder)].map(([folder, scripts]) => {
    const wanted = new Map<string, WantedModule>()
    const refused: (RefusedModule & { readonly file: string })[] = []
    for (const { file, analysis, dependencies } of scripts) {
      const plan = wantedModules(analysis, dependencies)
      refused.push(...plan.refused.map((one) => ({ ...one, file })))
      for (const one of plan.wanted) {
        const other = wanted.get(one.installedAs)
        // Only what no script gives a version has one name for two of them.
        const own =
          other === undefined || other.specifier === one.specifier ? one : pinned(one.name, one.specifier)
        wanted.set(own.installedAs, own)
      }
    }
    return { folder, scripts, wanted: [...wanted.values()], refused }
  })
}

/** Writes a folder's package.json; false: it says so already, or nothing is to be said. Throws ManifestError. */
export const writeManifest = ({ folder, wanted }: FolderPlan): boolean => {
  const file = join(folder, 'package.json')
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  if (before === undefined && wanted.length === 0) return false
  const text = manifestWith(before, wanted)
  if (text === before) return false
  writeFileSync(file, text)
  return true
}

/** How an installation ended. */
export type Installed =
  | { readonly how: 'done' }
  | { readonly how: 'failed'; readonly command: string; readonly code: number | null }
  | { readonly how: 'not started'; readonly command: string; readonly cause: unknown }

/** Runs a program without a shell; what it says goes to `say`. */
const runIn = async (
  folder: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  say: (text: string) => void,
): Promise<Installed> => {
  const told = [command, ...args].join(' ')
  const child = spawn(command, [...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', say)
  try {
    await once(child, 'close')
  } catch (cause) {
    return { how: 'not started', command: told, cause }
  }
  return child.exitCode === 0 ? { how: 'done' } : { how: 'failed', command: told, code: child.exitCode }
}

/** Installs what a folder's package.json says, without running anything of what is installed. */
export const installModules = async (
  folder: string,
  manager: PackageManager,
  say: (text: string) => void,
): Promise<Installed> => {
  let version = ''
  if (manager === 'yarn') {
    // Yarn takes a folder below a project for a part of it, unless it has a lockfile of its own.
    const lockfile = join(folder, 'yarn.lock')
    if (!existsSync(lockfile)) writeFileSync(lockfile, '')
    const asked = await runIn(folder, 'yarn', ['--version'], {}, (text) => (version += text))
    if (asked.how !== 'done') return asked
  }
  const { command, args, env } = installCommand(manager, version.trim())
  say(`$ ${command} ${args.join(' ')}\n`)
  return runIn(folder, command, args, env, say)
}

const manifestIn = (folder: string): object => {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return typeof manifest === 'object' && manifest !== null ? manifest : {}
  } catch {
    return {}
  }
}

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall']

/** A module that is there now. */
export interface InstalledModule extends WantedModule {
  /** The exact one; undefined: none is there. */
  readonly found: string | undefined
  /** Whether it has an install script, which was not run. */
  readonly unbuilt: boolean
  /** What it needs beside it and does not find. */
  readonly missingPeers: readonly MissingPeer[]
}

/** What of a plan is there now, and what the scripts still miss. */
export const lookAtModules = ({
  folder,
  scripts,
  wanted,
}: FolderPlan): { readonly modules: readonly InstalledModule[]; readonly missing: readonly Missing[] } => ({
  modules: wanted.map((one) => {
    const installed = join(folder, 'node_modules', one.installedAs)
    const manifest = manifestIn(installed)
    const found: unknown = Reflect.get(manifest, 'version')
    const own: unknown = Reflect.get(manifest, 'scripts')
    const unbuilt =
      typeof own === 'object' && own !== null && INSTALL_SCRIPTS.some((script) => Object.hasOwn(own, script))
    return {
      ...one,
      found: typeof found === 'string' ? found : undefined,
      unbuilt,
      missingPeers: missingPeersOf(installed, manifest),
    }
  }),
  missing: scripts.flatMap(({ file, analysis, dependencies }) =>
    missingModules(file, analysis, dependencies),
  ),
})
