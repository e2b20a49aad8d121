import type { Logger, Redact } from '@onsignup/core'
import { pino } from 'pino'

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type Level = (typeof LEVELS)[number]

/** pino's number for it. */
const WARN = 40

/**
 * JSON lines without secrets, however deep in an error they are. The lines of one turn of the event loop are written
 * together, when it ends or when one of them is a warning or an error.
 */
export const createLogger = (
  redact: Redact,
  level: Level = 'info',
  destination: Pick<NodeJS.WritableStream, 'write'> = process.stderr,
): Logger => {
  let waiting = ''
  const flush = (): void => {
    if (waiting === '') return
    const lines = waiting
    waiting = ''
    destination.write(lines)
  }
  const stream = {
    // pino's name for: set lastLevel before each line.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      if (waiting === '') setImmediate(flush)
      waiting += redact(line)
      // Whatever comes after it may be the end of the process.
      if (this.lastLevel >= WARN) flush()
    },
  }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
}
