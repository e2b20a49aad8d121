/** The engine's only source of time, so that tests need no sleeping. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `wake` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, wake: () => void): () => void
}

/** Takes pino's arguments, so that a pino instance is one. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** A number of at least 0 and less than 1. */
export type Random = () => number

// A longer setTimeout overflows its 32-bit counter and fires at once.
const LONGEST_TIMER = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(ms, 0), LONGEST_TIMER))
    return () => clearTimeout(timer)
  },
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
}

/** A logger that adds fields to every line. */
export const withFields = (logger: Logger, fields: object): Logger => ({
  debug: (more, message) => logger.debug({ ...fields, ...more }, message),
  info: (more, message) => logger.info({ ...fields, ...more }, message),
  warn: (more, message) => logger.warn({ ...fields, ...more }, message),
  error: (more, message) => logger.error({ ...fields, ...more }, message),
})
