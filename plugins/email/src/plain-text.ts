const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  copy: '©',
}

const codePoint = (code: number): string =>
  code > 31 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff) ? String.fromCodePoint(code) : ''

const decode = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return codePoint(Number(decimal))
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16))
    return NAMED[String(name).toLowerCase()] ?? whole
  })

const link = (_whole: string, href: string, label: string): string => {
  const text = label.replace(/<[^<>]*>/g, '').trim()
  const address = href.replace(/^mailto:/i, '')
  return text === '' || text === address ? address : `${text} (${address})`
}

/** A readable plain text of a message's HTML, for readers that show none: paragraphs, list items and links stay. */
export const plainText = (html: string): string =>
  decode(
    html
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/<(head|style|script|title)\b[\s\S]*?<\/\1\s*>/gi, '')
      .replace(/\s+/g, ' ')
      .replace(/<a\b[^<>]*?\shref\s*=\s*["']([^"'<>]*)["'][^<>]*>(.*?)<\/a\s*>/gi, link)
      .replace(/<br\b[^<>]*>/gi, '\n')
      .replace(/<li\b[^<>]*>/gi, '\n- ')
      .replace(/<\/t[dh]\s*>/gi, ' ')
      .replace(/<\/(?:p|h[1-6]|table|ul|ol|blockquote)\s*>/gi, '\n\n')
      .replace(/<\/?(?:div|tr|p|section|header|footer|hr)\b[^<>]*>/gi, '\n')
      .replace(/<[^<>]*>/g, ''),
  )
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
