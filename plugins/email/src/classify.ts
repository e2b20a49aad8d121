import { createRedact, Failure, type Redact } from '@onsignup/core'
import { safeAnswer } from './answer.ts'
import { CLASSES, UNLISTED, type Row, type Signal } from './classes.ts'
import type { Options } from './options.ts'

/** What a failure is told with. */
export interface Told {
  /** The server, as smtp.acme.com:587. */
  readonly server: string
  readonly redact: Redact
  /** Whether all of the message had gone out. */
  readonly complete: boolean
  readonly attempt: number
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined

/** Redacts the password, also as AUTH LOGIN and AUTH PLAIN put it: a server may repeat any of these. */
export const createPasswordRedact = ({ user, password }: Options): Redact =>
  createRedact(password === undefined ? [] : [password, `\0${user}\0${password}`])

const replyOf = (error: unknown, response: string): string => {
  const code = field(error, 'responseCode')
  if (typeof code !== 'number') return ''
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1]
  return enhanced === undefined ? String(code) : `${code} ${enhanced}`
}

/** Reads nodemailer's error. */
export const signalOf = (error: unknown, complete: boolean): Signal => {
  const response = text(field(error, 'response'))
  return {
    code: text(field(error, 'code')),
    cause: text(field(error, 'timeoutType')) || text(field(error, 'originalCode')),
    reply: replyOf(error, response),
    words: response,
    command: text(field(error, 'command')),
    complete,
  }
}

/** Whether a row is for a signal. */
export const fits = ({ when }: Row, signal: Signal): boolean =>
  (when.complete === undefined || when.complete === signal.complete) &&
  (when.code?.test(signal.code) ?? true) &&
  (when.cause?.test(signal.cause) ?? true) &&
  (when.reply?.test(signal.reply) ?? true) &&
  (when.words?.test(signal.words) ?? true) &&
  (when.command?.test(signal.command) ?? true)

/** Says what an error of a send means. */
export const classify = (error: unknown, { server, redact, complete, attempt }: Told): Failure => {
  // What the token endpoint said, which nodemailer hands on inside an error of its own.
  const token = field(error, 'cause')
  if (Failure.is(token)) return token
  const signal = signalOf(error, complete)
  const row = CLASSES.find((candidate) => fits(candidate, signal)) ?? UNLISTED
  const answer = safeAnswer(signal.words || text(field(error, 'message')), redact)
  const cause = new Error(answer)
  cause.name = text(field(error, 'name')) || 'Error'
  return new Failure(row.kind, `${server} ${row.what}${answer === '' ? '' : `: ${answer}`}`, {
    code: signal.reply || signal.cause || signal.code || 'unlisted',
    cause,
    ...(row.mend !== undefined && { mend: row.mend }),
    ...(row.after !== undefined && { after: row.after[Math.min(attempt, row.after.length) - 1] ?? 0 }),
  })
}
