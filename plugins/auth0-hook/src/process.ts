import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFile } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Clock } from '@onsignup/core'
import { parseLine } from './messages.ts'
import { CHANNEL, type FromRunner, type Setup, type ToRunner } from './runner/protocol.ts'
import { watch } from './watch.ts'

/** How a script's process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly outOfMemory: boolean
  /** Whether it wrote what the runner does not write. */
  readonly forged: boolean
}

/** A process that runs one script. */
export interface ScriptProcess {
  /** How many runs it was given. */
  readonly runs: number
  /** Whether it came to wait for runs; false: it ended before. */
  readonly ready: Promise<boolean>
  readonly exited: Promise<Exit>
  /** `written` is told when the process has it, or will never have it. */
  send(message: ToRunner, written?: () => void): void
  /** Takes what comes for a run, anything else is forged and ends the process; and hears of its exit until `ignore`. */
  listen(run: string, receive: (message: FromRunner) => void, gone: (exit: Exit) => void): void
  /** After a run: nothing may come until the next. */
  ignore(): void
  /** Lets it wait without keeping the service alive, or not. */
  rest(resting: boolean): void
  /** Ends it and all that it started, at once. */
  kill(): void
}

export interface ProcessSettings extends Omit<Setup, 'inherited'> {
  /** Megabytes of JavaScript's heap. */
  readonly memory: number
  /** Environment variables beside those that every script gets. */
  readonly env: Readonly<Record<string, string>>
  /** What the script may read; undefined: whatever the service's user may, and do. */
  readonly readable: readonly string[] | undefined
}

// Of the service's own environment, only what a script cannot do without and what holds no secret.
const PASSED_ON = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_DIR', 'SSL_CERT_FILE', 'TZ'] as const

// A line is at most a piece of output, or what is to be stored.
const LONGEST_LINE = 4_000_000

// What V8 says of itself when it dies is at the end.
const LONGEST_STDERR = 16_000

const CLOEXEC = 0o2000000

const TIME_FOR_LAST_WORDS = 1_000

// node runs the sources as they are, and what is published is compiled.
const RUNNER = join(import.meta.dirname, 'runner', `main${extname(import.meta.filename)}`)

const environmentOf = (env: Readonly<Record<string, string>>): Record<string, string> => {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(passed), ...env }
}

/** Descriptors that this process was started with and hands on to its children: Node closes the low ones, up to a gap. */
const inheritable = (): number[] => {
  try {
    return readdirSync('/proc/self/fdinfo').flatMap((name) => {
      const descriptor = Number(name)
      if (descriptor <= CHANNEL) return []
      try {
        const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8'))?.[1]
        return flags === undefined || Number.parseInt(flags, 8) & CLOEXEC ? [] : [descriptor]
      } catch {
        // That of reading the folder itself is gone by now.
        return []
      }
    })
  } catch {
    // Linux alone tells.
    return []
  }
}

const flagsOf = ({ memory, readable }: ProcessSettings): string[] => [
  `--max-old-space-size=${memory}`,
  // Old modules are full of them, and they would stand in every run's output.
  '--disable-warning=DeprecationWarning',
  '--disable-warning=ExperimentalWarning',
  ...(readable === undefined
    ? []
    : [
        '--permission',
        // SQLite opens and writes whatever file it is told to, and the permission model does not ask it (Node 24.21).
        '--no-experimental-sqlite',
        ...[dirname(import.meta.dirname), ...readable].map((path) => `--allow-fs-read=${path}`),
      ]),
]

const isSocket = (stream: unknown): stream is Socket => stream instanceof Socket

/** Starts a process for a script. It begins to listen at once; nothing of the script has run yet. */
export const startProcess = (settings: ProcessSettings, clock: Clock): ScriptProcess => {
  const { memory: _memory, env, readable: _readable, ...setup } = settings
  const inherited = inheritable()
  const child = spawn(process.execPath, [...flagsOf(settings), RUNNER], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: environmentOf(env),
    cwd: dirname(setup.script),
    // Its own group, so that what it started can be ended with it.
    detached: true,
  })
  const channel: unknown = child.stdio[CHANNEL]
  if (!isSocket(channel)) throw new Error('Node gave the process of the script no channel')
  const stderr: Readable | null = child.stderr
  let said = ''
  let forged = false
  let runs = 0
  let pending = ''
  const ready = Promise.withResolvers<boolean>()
  // Before the first run the runner says that it is ready, and between two runs it says nothing.
  let current: string | undefined = ''
  let receive = (_message: FromRunner): void => {
    current = undefined
    ready.resolve(true)
  }

  let gone = (_exit: Exit): void => {}
  let ended: Exit | undefined

  const kill = (): void => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      child.kill('SIGKILL')
    }
  }
  const forge = (): void => {
    forged = true
    pending = ''
    kill()
  }
  const take = (line: string): void => {
    const parsed = parseLine(line)
    if (parsed === undefined || parsed.run !== current) forge()
    else receive(parsed.message)
  }
  channel.setEncoding('utf8')
  channel.on('data', (chunk) => {
    if (forged) return
    pending += String(chunk)
    if (pending.length > LONGEST_LINE) return forge()
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) if (!forged) take(line)
  })
  // What is written to a process that has just died is nobody's; its exit is told.
  channel.on('error', () => {})
  stderr?.setEncoding('utf8')
  stderr?.on('data', (chunk) => {
    said = `${said}${String(chunk)}`.slice(-LONGEST_STDERR)
  })
  if (child.pid !== undefined) {
    watch.add(child.pid)
    // If the machine runs out of memory, the script is to go rather than the service.
    writeFile(`/proc/${child.pid}/oom_score_adj`, '1000', () => {})
  }

  const exited = new Promise<Exit>((resolve) => {
    const done = (code: number | null, signal: NodeJS.Signals | null) => () => {
      const exit = { code, signal, forged, outOfMemory: /heap out of memory|Reached heap limit/.test(said) }
      ended = exit
      // A program that the script left behind may hold the other ends, and the service is not to wait for it.
      channel.destroy()
      stderr?.destroy()
      ready.resolve(false)
      resolve(exit)
      gone(exit)
    }
    child.once('error', done(null, null))
    child.once('exit', (code, signal) => {
      kill()
      if (child.pid !== undefined) watch.remove(child.pid)
      // A program that the script started and that got away may hold the pipes open.
      const cancel = clock.after(TIME_FOR_LAST_WORDS, done(code, signal))
      child.once('close', () => {
        cancel()
        done(code, signal)()
      })
    })
  })

  const send = (message: ToRunner, written?: () => void): void =>
    void channel.write(`${JSON.stringify(message)}\n`, written)
  send({ type: 'setup', setup: { ...setup, inherited } })

  return {
    get runs() {
      return runs
    },
    ready: ready.promise,
    exited,
    send,
    listen(run, receiver, listener) {
      runs += 1
      current = run
      receive = receiver
      gone = listener
      if (ended !== undefined) listener(ended)
    },
    ignore() {
      current = undefined
      gone = () => {}
    },
    rest(resting) {
      const move = resting ? 'unref' : 'ref'
      child[move]()
      channel[move]()
      if (isSocket(stderr)) stderr[move]()
    },
    kill,
  }
}
