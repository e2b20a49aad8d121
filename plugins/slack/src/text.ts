// Control and line-separator characters end or forge lines; format characters (zero-width, bidi, tags) and the blank
// fillers hide or turn around what is written. https://www.unicode.org/reports/tr36/
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
const INVISIBLE = /\p{Cf}|\u034F|[\u115F\u1160\u2800\u3164\uFFA0]/gu

/** A value on one line with nothing invisible in it. */
export const clean = (value: string): string =>
  value.toWellFormed().replace(BREAKS, ' ').replace(INVISIBLE, '').trim()

/** Cleaned, escaped character by character, and cut, so that no cut falls inside an entity. */
const escapedWithin = (value: string, most: number, escape: (character: string) => string): string => {
  let out = ''
  let cut = 0
  for (const character of clean(value)) {
    const next = escape(character)
    if (out.length + next.length > most) return most > 0 ? `${out.slice(0, cut)}…` : ''
    out += next
    if (out.length < most) cut = out.length
  }
  return out
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** For plain text, where the three live characters are entities too: https://docs.slack.dev/messaging/formatting-message-text#escaping */
export const escapeText = (value: string, most: number): string =>
  escapedWithin(value, most, (character) => ENTITIES[character] ?? character)

const LOOKALIKES: Readonly<Record<string, string>> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ' }

const isInWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}]/u.test(character)

/**
 * For mrkdwn, which knows no escape for what makes bold, italic, struck or code: where it would, between words, it is
 * replaced by what looks like it. Within a word, as in an address, it stands for itself and stays.
 * https://docs.slack.dev/messaging/formatting-message-text#basic-formatting (2026-11)
 */
export const escapeMrkdwn = (value: string, most: number): string => {
  const characters = [...clean(value)]
  const plain = characters.map((character, index) =>
    isInWord(characters[index - 1]) && isInWord(characters[index + 1])
      ? character
      : (LOOKALIKES[character] ?? character),
  )
  return escapeText(plain.join(''), most)
}

/** For `markdown` blocks, which know standard Markdown: https://docs.slack.dev/reference/block-kit/blocks/markdown-block */
export const escapeMarkdown = (value: string, most: number): string =>
  escapedWithin(
    value,
    most,
    (character) =>
      ENTITIES[character] ?? (/[\\`*_[\]()#!~|{}]/.test(character) ? `\\${character}` : character),
  )

/** For addresses: what cannot stand in one is percent-encoded; what is encoded already stays. A cut one is none. */
export const escapeUrl = (value: string, most: number): string => {
  const encoded = clean(value).replace(/[^\x21-\x7E]|["<>\\^`{|}]/gu, (character) =>
    encodeURIComponent(character),
  )
  return encoded.length > most ? '' : encoded
}

/** Cuts finished text, never inside an entity, a `<…>` or a character. */
export const cutText = (text: string, most: number): string => {
  if (text.length <= most) return text
  const kept = text
    .slice(0, most - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')
  return `${kept.replace(/&[a-z]{0,3}$/, '').replace(/<[^>]*$/, '')}…`
}
