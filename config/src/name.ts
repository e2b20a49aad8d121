import { NAME, NAME_IN_WORDS } from '@onsignup/core/engine'
import type { Mistake, Path, Position } from './finding.ts'

/** What is wrong with a name; `what` bears it. */
export const nameMistakes = (what: string, name: string, at: Position, path: Path): readonly Mistake[] =>
  NAME.test(name)
    ? []
    : [{ at, path, message: `${name} is no name for a ${what}`, mend: `write ${NAME_IN_WORDS}` }]
