import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { run } from 'onsignup/program'
import { until } from './until.ts'

export const ROOT = join(import.meta.dirname, '../..')

const PROGRAM = join(ROOT, 'app/bin/onsignup.js')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Ran extends Ended {
  /** What was printed as JSON, a value a line. */
  json(): unknown[]
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

// The environment of whoever runs the tests must not decide what they show.
const environment = (env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  ...env,
})

const collect = (child: ChildProcess): { stdout: string; stderr: string } => {
  const said = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  return said
}

const ended = async (child: ChildProcess): Promise<number | null> => {
  await once(child, 'close')
  return child.exitCode
}

const ran = (code: number | null, said: { readonly stdout: string; readonly stderr: string }): Ran => ({
  ...said,
  code,
  json: () =>
    said.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line)),
})

/** Runs Node with arguments to its end. */
export const runNode = async (
  args: readonly string[],
  { cwd, env, input = '' }: RunOptions,
): Promise<Ran> => {
  const child = spawn(process.execPath, [...args], { cwd, env: environment(env), stdio: 'pipe' })
  const said = collect(child)
  child.stdin.end(input)
  const code = await ended(child)
  return ran(code, said)
}

/** Runs a command of the program to its end. */
export const runProgram = (args: readonly string[], options: RunOptions): Promise<Ran> =>
  runNode([PROGRAM, ...args], options)

/** Runs a command in this process, where a process of its own would show nothing more and take longer. */
export const callProgram = async (args: readonly string[]): Promise<Ran> => {
  const said = { stdout: '', stderr: '' }
  const into = (name: keyof typeof said) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        said[name] += chunk.toString()
        done()
      },
    })
  const code = await run(['node', 'onsignup', ...args], { stdout: into('stdout'), stderr: into('stderr') })
  return ran(code, said)
}

/** A command that listens, as a process of its own. */
export interface Service {
  readonly url: string
  readonly pid: number
  /** All that it wrote so far. */
  readonly said: { readonly stdout: string; readonly stderr: string }
  kill(signal: NodeJS.Signals): void
  /** Resolves when it has ended. */
  readonly ended: Promise<Ended>
}

const LISTENS = /(?:listens on |"url":")([^\s"]+)/

/** Starts a command and waits until it listens; throws with what it said when it ends before. */
export const startListening = async (args: readonly string[], { cwd, env }: RunOptions): Promise<Service> => {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = collect(child)
  const whenEnded = ended(child).then((code) => ({ code, ...said }))
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  await until('it listens', () => isOver() || LISTENS.test(said.stdout))
  const url = LISTENS.exec(said.stdout)?.[1]
  if (url === undefined) throw new Error(`it ended: ${said.stdout}${said.stderr}`)
  return { url, pid: child.pid ?? 0, said, kill: (signal) => void child.kill(signal), ended: whenEnded }
}

/** Starts the service. */
export const startService = (args: readonly string[], options: RunOptions): Promise<Service> =>
  startListening(['start', ...args], options)
