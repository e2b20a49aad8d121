import type { Redact } from '@onsignup/core'
import type { Printed } from './run.ts'
import { LONGEST_OUTPUT } from './runner/protocol.ts'

// A secret that was cut in two would not be known again: as JSON a character can become six.
const LONGEST_SPELLING = 6
const MOST_SLACK = 500_000

/** How many characters of the console the runner sends, so that a secret at the cut can be taken out whole. */
export const longestSent = (secrets: readonly string[]): number => LONGEST_OUTPUT + slackFor(secrets)

const slackFor = (secrets: readonly string[]): number =>
  Math.min(MOST_SLACK, Math.max(0, ...secrets.map(({ length }) => length * LONGEST_SPELLING)))

const lineOf = ({ level, text }: Printed): string => {
  const lines = text.replace(/\n$/, '').split('\n')
  return lines.map((line) => `${level}: ${line}\n`).join('')
}

/** What a run printed as one text: a line for each of its lines, with the level in front, and no secret in it. */
export const outputText = (
  printed: readonly Printed[],
  isCut: boolean,
  notes: readonly string[],
  secrets: readonly string[],
  redact: Redact,
): string | undefined => {
  const all = redact(printed.map(lineOf).join(''))
  const safe = isCut ? all.slice(0, Math.max(0, all.length - slackFor(secrets))) : all
  const isLong = isCut || safe.length > LONGEST_OUTPUT
  const kept = isLong ? `${safe.slice(0, LONGEST_OUTPUT).toWellFormed().trimEnd()}\n… cut\n` : safe
  const text = `${kept}${notes.map((note) => `onsignup: ${redact(note)}\n`).join('')}`
  return text === '' ? undefined : text
}
