import { execFile, spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export const ROOT = join(import.meta.dirname, '..')

// npx and pnpm tell the commands below them which package they run for; a command in another folder must not hear it.
const { npm_config_local_prefix: _, ...inherited } = process.env

const env: NodeJS.ProcessEnv = {
  ...inherited,
  PATH: [dirname(process.execPath), join(ROOT, 'node_modules/.bin'), process.env.PATH].join(':'),
}

/** The pnpm that runs this script, or version 12 as the README has it. */
export const PNPM: readonly [string, ...string[]] =
  process.env.npm_execpath !== undefined && /pnpm(?:\.\w+)?$/.test(process.env.npm_execpath)
    ? [process.env.npm_execpath]
    : ['npx', '-y', 'pnpm@12']

type Command = readonly [program: string, ...args: string[]]

/** Runs a command whose output everybody sees; false when its exit code is not 0. */
export const succeeds = async ([program, ...args]: Command, cwd: string = ROOT): Promise<boolean> => {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  spawn(program, args, { cwd, env, stdio: 'inherit' })
    .once('error', reject)
    .once('exit', (code) => resolve(code === 0))
  return promise
}

/** Runs a command and gives what it prints; throws, with all it said, when its exit code is not 0. */
export const outputOf = async ([program, ...args]: Command, cwd: string = ROOT): Promise<string> => {
  const maxBuffer = 64 * 1024 * 1024
  const { stdout } = await promisify(execFile)(program, args, { cwd, env, maxBuffer }).catch(
    (cause: unknown) => {
      const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout) : ''
      throw new Error(`${[program, ...args].join(' ')} failed in ${cwd}\n${said}`, { cause })
    },
  )
  return stdout
}

/** Says how long a step of a longer run took. */
export const timed = async <T>(name: string, step: () => Promise<T>): Promise<T> => {
  const start = performance.now()
  process.stdout.write(`\n▶ ${name}\n`)
  const result = await step()
  process.stdout.write(`  ${name}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`)
  return result
}
