import type { Mistake, Path, Position } from './finding.ts'

/** What the name of a connector or a source looks like. */
export const NAME = /^[a-z][a-z0-9_-]{0,62}$/

/** What is wrong with a name; `what` bears it. */
export const nameMistakes = (what: string, name: string, at: Position, path: Path): readonly Mistake[] => {
  if (NAME.test(name)) return []
  const mend = 'write a small letter, then at most 62 small letters, digits, - and _'
  return [{ at, path, message: `${name} is no name for a ${what}`, mend }]
}
