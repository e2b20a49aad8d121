import { isPackageName, isVersion } from '../modules/request.ts'
import { isFields, listOf, textOf } from './document.ts'
import { RefusalError } from './errors.ts'
import { markersIn } from './keywords.ts'

/** A secret of a script; its value never leaves this process. */
export interface ExportedSecret {
  readonly name: string
  /** Two secrets of one meaning have one value; undefined where the export hides it. */
  readonly meaning: string | undefined
  /** The export has its value in plain text. */
  readonly isWritten: boolean
}

const HIDDEN = '_VALUE_NOT_SHOWN_'
/** Pairs of a mapping, or of a list of `{ name, <other> }`. Throws RefusalError. */
const pairsOf = (value: unknown, other: string, where: string): readonly (readonly [string, unknown])[] => {
  const pairs = isFields(value)
    ? [...value]
    : listOf(value).flatMap((each): (readonly [string, unknown])[] => {
        const name = isFields(each) ? textOf(each.get('name')) : undefined
        return isFields(each) && name !== undefined ? [[name, each.get(other)]] : []
      })
  if (pairs.some(([name]) => name === '__proto__')) {
    throw new RefusalError(
      where,
      'it has a key __proto__',
      'remove it: no secret and no package has that name',
    )
  }
  return pairs
}

const isReference = (value: string): boolean => value.includes('${') || markersIn(value).length > 0

const secretOf = ([name, value]: readonly [string, unknown]): ExportedSecret => {
  const text = textOf(value)
  const meaning = text === '' || text === HIDDEN ? undefined : text
  return { name, meaning, isWritten: meaning !== undefined && !isReference(meaning) }
}

/** The secrets of an entry. Throws RefusalError. */
export const secretsOf = (value: unknown, where: string): readonly ExportedSecret[] =>
  [...new Map(pairsOf(value, 'value', where))].map(secretOf)

/** The packages of an entry, and a remark for each that is none. Throws RefusalError. */
export const dependenciesOf = (value: unknown, where: string) => {
  const dependencies = new Map<string, string>()
  const remarks: string[] = []
  for (const [name, version] of pairsOf(value, 'version', where)) {
    const text = textOf(version) ?? 'latest'
    const isOfRegistry = isPackageName(name) && isVersion(text)
    if (isOfRegistry) dependencies.set(name, text)
    else remarks.push(`its dependency ${JSON.stringify(name)} was left out: no package of a registry`)
  }
  return { dependencies, remarks }
}
