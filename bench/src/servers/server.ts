import { spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'

const TIME_TO_STOP = 3_000

/** What a peer needs is not on this machine. */
export class NotPresent extends Error {}

export interface Server {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

/** Finds a program in PATH or the folders given; throws NotPresent. */
export const findProgram = (name: string, folders: readonly string[] = []): string => {
  const path = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', ...folders]
  const found = path.map((folder) => join(folder, name)).find((file) => existsSync(file))
  if (found === undefined) throw new NotPresent(`${name} is not on this machine`)
  return found
}

/** A port of 127.0.0.1 that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('the probe listened on no port')
  return address.port
}

interface Start {
  readonly program: string
  readonly args: readonly string[]
  readonly port: number
  /** What it prints when it takes connections. */
  readonly ready: RegExp
  /** Ends what SIGTERM did not end in 3 s. Default: SIGKILL. */
  readonly force?: NodeJS.Signals
  readonly as?: Pick<SpawnOptions, 'uid' | 'gid'>
}

/** Starts a program and waits until it says that it takes connections. */
export const startServer = async ({ program, args, port, ready, force, as }: Start): Promise<Server> => {
  const child = spawn(program, args, { ...as, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const { promise: isReady, resolve } = Promise.withResolvers<void>()
  let said = ''
  const hear = (text: string): void => {
    said = `${said}${text}`.slice(-4_000)
    if (ready.test(said)) resolve()
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const failed = async (): Promise<never> => {
    await ended
    throw new Error(`${program} ended before it was ready:\n${said}`)
  }
  await Promise.race([isReady, failed()])
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} has no process`)
  return {
    pid,
    port,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill(force ?? 'SIGKILL'), TIME_TO_STOP)
      await ended
      clearTimeout(timer)
    },
  }
}
