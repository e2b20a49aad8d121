// Bidirectional overrides and isolates: they show a text in another order than it has.
const BIDI = /[\u202A-\u202E\u2066-\u2069]/g
const CONTROL = /(?![\n\t])\p{Cc}/gu

const clean = (value: string): string =>
  value
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(CONTROL, '')
    .replace(BIDI, '')
    .toWellFormed()

/** A value on one line, as in a subject. */
export const oneLine = (value: string): string => clean(value).replace(/[\n\t ]+/g, ' ')

/** A value in plain text: line breaks stay, other control characters go. */
export const plain = (value: string): string => clean(value)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A value in HTML, inside an element or a quoted attribute. */
export const html = (value: string): string =>
  clean(value).replace(/[&<>"']/g, (found) => ENTITIES[found] ?? '')
