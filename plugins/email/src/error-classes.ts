import { formatDuration, type ErrorClass } from '@onsignup/core'
import { CLASSES, UNLISTED, type Row } from './classes.ts'
import { NO_ANSWER, TOKEN_CLASSES, type TokenRow } from './oauth-classes.ts'

const NAMES = {
  code: 'code',
  cause: 'cause',
  reply: 'reply',
  words: 'words',
  command: 'command',
} as const satisfies Partial<Record<keyof Row['when'], string>>

/** A pattern as people read it: `^(?:EAUTH|EOAUTH2)$` is EAUTH or EOAUTH2, `5\\d\\d` is 5xx. */
const readable = ({ source }: RegExp): string =>
  source
    .replace(/\(\?![^)]*\)/g, '')
    .replace(/\(\?:|[()^$?]/g, '')
    .replaceAll('\\d', 'x')
    .replaceAll('\\', '')
    .replace(/_(?=\||$)/g, '_…')
    .replaceAll('|', ' or ')

const signalOf = ({ when }: Row): string => {
  const parts = Object.entries(NAMES).flatMap(([key, name]) => {
    const pattern = Object.entries(when).find(([other]) => other === key)?.[1]
    if (!(pattern instanceof RegExp)) return []
    return pattern.source === '^$' ? [`no ${name}`] : [`${name} ${readable(pattern)}`]
  })
  const sent = when.complete === undefined ? [] : [when.complete ? 'all was sent' : 'not all was sent']
  return [...parts, ...sent].join(', ') || 'anything else'
}

const classOf = (row: Row): ErrorClass => {
  const { kind, what, mend, after } = row
  const waits = after === undefined ? '' : `; next tries after ${after.map(formatDuration).join(', ')}`
  return {
    signals: [signalOf(row)],
    kind,
    note: `the server ${what}${waits}`,
    ...(mend === undefined ? {} : { mend }),
  }
}

const classOfToken = ({ error, status, kind, what, mend }: TokenRow): ErrorClass => {
  const said = error ?? status
  const by =
    said === undefined ? 'no answer' : `${error === undefined ? 'status' : 'error'} ${readable(said)}`
  return { signals: [`token endpoint: ${by}`], kind, note: `the token endpoint ${what}`, mend }
}

/**
 * Every signal of a mail server that is known, and of the endpoint that gives tokens, and what it means here; the first
 * that fits counts.
 */
export const errorClasses: readonly ErrorClass[] = [
  ...[...CLASSES, UNLISTED].map(classOf),
  ...[...TOKEN_CLASSES, NO_ANSWER].map(classOfToken),
]
