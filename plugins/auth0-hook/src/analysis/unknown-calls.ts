import type { UnknownCall } from '../analysis.ts'
import type { ScriptKind } from './exported.ts'
import { firstUnknown, mendOf } from './known.ts'
import { namesOf } from './paths.ts'
import type { Read } from './reads.ts'

interface Unknown extends Read {
  /** Up to what is not there, as `event.client`. */
  readonly missing: string
  /** Of the step that is not there. */
  readonly index: number
}

const throws = ({ path, index, called, asked }: Unknown): boolean => {
  const below = path[index + 1]
  if (below !== undefined) return !below.optional
  return called && !asked
}

/** What a script reads that its kind does not have. */
export const unknownCallsOf = (kind: ScriptKind, reads: readonly Read[]): readonly UnknownCall[] => {
  const unknown = reads.flatMap((read): Unknown[] => {
    const names = namesOf(read.path)
    const index = firstUnknown(kind, names)
    return index < 0 ? [] : [{ ...read, index, missing: names.slice(0, index + 1).join('.') }]
  })
  // What the script puts there itself is there; what it asks for first, it does without.
  const written = new Set(unknown.flatMap(({ written, missing }) => (written ? [missing] : [])))
  const asked = new Set(
    unknown.flatMap(({ asked, missing, index, path }) =>
      asked && index === path.length - 1 ? [missing] : [],
    ),
  )
  const told = new Map<string, UnknownCall>()
  for (const one of unknown) {
    const { missing, path, line } = one
    if (written.has(missing)) continue
    // Of a call the whole name says more, as api.user.setUserMetadata.
    const known = path.findIndex(({ name }) => name === null)
    const whole = namesOf(known < 0 ? path : path.slice(0, known)).join('.')
    const what = path[0]?.name === 'api' ? whole : missing
    const effect = throws(one) && !asked.has(missing) ? 'throws' : 'undefined'
    const before = told.get(`${what}:${line}`)
    if (before?.effect !== 'throws')
      told.set(`${what}:${line}`, { what, line, effect, mend: mendOf(kind, missing) })
  }
  return [...told.values()]
}
