import { closest, distance } from 'fastest-levenshtein'

/** The known name that was probably meant, or undefined when none is near. */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  if (known.length === 0) return undefined
  const lower = new Map(known.map((candidate) => [candidate.toLowerCase(), candidate]))
  const best = closest(name.toLowerCase(), [...lower.keys()])
  return distance(name.toLowerCase(), best) <= Math.max(1, Math.floor(name.length / 3))
    ? lower.get(best)
    : undefined
}
