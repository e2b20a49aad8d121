/** Deeper data than this is refused: recursion over it would end the process. */
export const DEEPEST = 64

const NUL = /\0/g

/**
 * A copy of parsed JSON that any store takes and no reader trips over: without NUL and lone surrogates, and
 * without a `__proto__` key. Undefined when it is nested deeper than DEEPEST.
 */
export const cleanJson = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return value.replace(NUL, '').toWellFormed()
  if (typeof value !== 'object' || value === null) return value
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
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__' || item === undefined) continue
    const clean = cleanJson(item, depth + 1)
    if (clean === undefined) return undefined
    copy[key.replace(NUL, '').toWellFormed()] = clean
  }
  return copy
}
