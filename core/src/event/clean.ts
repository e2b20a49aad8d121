/** Deeper data than this is refused: recursion over it would end the process. */
export const DEEPEST = 64

const NUL = /\0/g

/** A text that any store takes: without NUL and lone surrogates. */
export const cleanText = (text: string): string =>
  text.includes('\0') || !text.isWellFormed() ? text.replace(NUL, '').toWellFormed() : text

/**
 * A copy of parsed JSON that any store takes and no reader trips over: its texts clean, and without a `__proto__`
 * key; dates, which callers in code send, as JSON has them. Undefined when it is nested deeper than DEEPEST.
 */
export const cleanJson = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return cleanText(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString()
  if (depth >= DEEPEST) return undefined
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value) {
      const clean = cleanJson(item, depth + 1)
      if (clean === undefined && item !== undefined) return undefined
      items.push(clean)
    }
    return items
  }
  const copy: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    const key = cleanText(name)
    if (key === '__proto__' || item === undefined) continue
    const clean = cleanJson(item, depth + 1)
    if (clean === undefined) return undefined
    copy[key] = clean
  }
  return copy
}
