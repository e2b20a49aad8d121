import { Writable } from 'node:stream'
import type { Logger, Redact } from '@onsignup/core'
import { pino } from 'pino'

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type Level = (typeof LEVELS)[number]

/** JSON lines without secrets, however deep in an error they are. */
export const createLogger = (
  redact: Redact,
  level: Level = 'info',
  destination: NodeJS.WritableStream = process.stderr,
): Logger => {
  const redacting = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      destination.write(redact(line))
      done()
    },
  })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, redacting)
}
