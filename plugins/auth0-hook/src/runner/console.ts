import { Console } from 'node:console'
import { Writable } from 'node:stream'

/** Takes what a script prints, with how it printed it. */
export type Print = (level: string, text: string) => void

const streamTo = (print: (text: string) => void): Writable =>
  new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      print(chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : String(chunk))
      done()
    },
  })

/** Puts a script's console, and its standard output and error, behind `print`. */
export const captureConsole = (print: Print): void => {
  let level: string | undefined
  const inner = new Console({
    stdout: streamTo((text) => print(level ?? 'log', text)),
    stderr: streamTo((text) => print(level ?? 'error', text)),
  })
  for (const [name, method] of Object.entries(inner)) {
    if (typeof method !== 'function') continue
    const isLevel = ['debug', 'info', 'warn', 'trace'].includes(name)
    const captured = (...args: unknown[]): unknown => {
      level = isLevel ? name : undefined
      try {
        return Reflect.apply(method, inner, args)
      } finally {
        level = undefined
      }
    }
    Reflect.set(console, name, captured)
  }
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = streamTo((text) => print(name, text))
    Reflect.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream })
  }
}
