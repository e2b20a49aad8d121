import fs from 'node:fs'
import { Socket } from 'node:net'
import { CHANNEL, type FromRunner, type ToRunner } from './protocol.ts'

// What a script may replace, as it was before any script ran.
const { stringify, parse } = JSON
const { create, keys } = Object
const { get } = Reflect
const { wait } = Atomics
const { writeSync } = fs
const { from } = Buffer
const exit = process.exit.bind(process)

const bell = new Int32Array(new SharedArrayBuffer(4))

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

/** Writes all of a text before it returns, so that what a script did last is known even if the process dies of it. */
const writeAll = (text: string): void => {
  let rest: Uint8Array = from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(CHANNEL, rest))
    } catch (error) {
      // The service reads more slowly than the script talks.
      if (codeOf(error) === 'EAGAIN') wait(bell, 0, 0, 1)
      else exit()
    }
  }
}

/** The same without what objects inherit, as a toJSON that a script gave them all. Messages hold no lists. */
const bare = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = create(null)
  const names = keys(value)
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index]
    if (name !== undefined) copy[name] = bare(get(value, name))
  }
  return copy
}

/** The runner's way to the service. While it is unreferenced it keeps nothing alive. */
export interface Channel {
  /** What Node counts among the open handles. */
  readonly handle: unknown
  send(run: string, message: FromRunner): void
  ref(): void
  unref(): void
}

const isMessage = (value: unknown): value is ToRunner =>
  typeof value === 'object' && value !== null && 'type' in value

/** Opens the channel; the process ends when the service does. */
export const openChannel = (receive: (message: ToRunner) => void): Channel => {
  const socket = new Socket({ fd: CHANNEL, readable: true, writable: false })
  let pending = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    const lines = `${pending}${String(chunk)}`.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) {
      const message: unknown = parse(line)
      if (isMessage(message)) receive(message)
    }
  })
  socket.on('error', () => exit())
  socket.on('close', () => exit())
  return {
    handle: socket,
    // The run stands before the JSON, where no toJSON of a script's gets to see it.
    send: (run, message) => writeAll(`${run} ${stringify(bare(message))}\n`),
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
  }
}
