import type { Redact } from '@onsignup/core'

const LONGEST_ANSWER = 300

// A server's answer may span lines, each with the codes at its start, and may name the recipient.
const ADDRESS = /<?[^\s<>@:;,]+@[^\s<>@:;,]+>?/g
const CODES = /^\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3}[ ]?)?/

/** A server's answer on one line, without addresses and secrets. */
export const safeAnswer = (answer: string, redact: Redact): string => {
  const words = answer
    .split(/\r?\n/)
    .map((line, index) => (index === 0 ? line.replace(/^(\d{3})-/, '$1 ') : line.replace(CODES, '')))
    .join(' ')
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
  return redact(words).replace(ADDRESS, '<…>').replace(/ {2,}/g, ' ').trim().slice(0, LONGEST_ANSWER)
}
