import { closest, distance } from 'fastest-levenshtein'

const letters = (name: string): string => [...name].toSorted().join('')

/** Two letters swapped are two edits, which would be too many for a short name. */
const isNear = (name: string, other: string): boolean => {
  const edits = distance(name, other)
  return (
    edits <= Math.max(1, Math.floor(name.length / 3)) || (edits === 2 && letters(name) === letters(other))
  )
}

/** The known name that was probably meant, or undefined when none is near. */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  if (known.length === 0) return undefined
  const lower = new Map(known.map((candidate) => [candidate.toLowerCase(), candidate]))
  const best = closest(name.toLowerCase(), [...lower.keys()])
  return isNear(name.toLowerCase(), best) ? lower.get(best) : undefined
}
