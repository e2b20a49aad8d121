import { OnSignupError, type Schema } from '@onsignup/core'
import { check, type Form, type Part } from './check.ts'
import type { Mistake } from './finding.ts'
import { sourceUses } from './frame.ts'
import { isNode, jsonForm, propertiesOf, shapeOf, type JsonNode } from './json-schema.ts'
import { secretsIn } from './marks.ts'
import { nameMistakes } from './name.ts'
import { locate, type Tree } from './tree.ts'

/** Gives the options of the source for a provider; throws an OnSignupError whose mend is shown. */
export type ResolveSource = (provider: string) => Promise<Schema>

/** One source of the file. */
export interface SourceConfiguration {
  readonly name: string
  /** The provider. */
  readonly uses: string
  /** What the source's schema takes in. */
  readonly options: unknown
}

/** What a source of the file came to. */
export interface CheckedSource extends SourceConfiguration {
  readonly secrets: readonly string[]
  readonly mistakes: readonly Mistake[]
}

/** The JSON form of a source's options, among which `uses` stands in the file. */
export const sourceForm = (options: Schema, target?: 'draft-07'): JsonNode => {
  const form = jsonForm(options, target)
  return { ...form, properties: { uses: jsonForm(sourceUses, target), ...propertiesOf(form) } }
}

const withoutUses = (value: unknown): unknown => {
  if (!isNode(value)) return value
  const { uses: _, ...options } = value
  return options
}

const formWithUses = (options: Schema): Form => {
  const root = sourceForm(options)
  const own = options['~standard']
  const standard = { ...own, validate: (value: unknown) => own.validate(withoutUses(value)) }
  return { schema: { '~standard': standard }, root, shape: shapeOf(root, root) }
}

/** Who the provider is: what `uses` says, or the name; undefined where the frame tells what is wrong. */
const providerOf = (name: string, place: Tree | undefined, uses: Tree | undefined): string | undefined => {
  if (place?.kind === 'list' || (place?.kind === 'scalar' && place.value !== null)) return undefined
  if (uses === undefined) return name
  const isText = uses.kind === 'scalar' && !uses.broken && typeof uses.value === 'string'
  return isText ? String(uses.value) : undefined
}

/** Checks what the frame cannot: the source's name, its provider and its options. */
export const checkSource = async (
  name: string,
  { file, text }: Omit<Part, 'path'>,
  resolveSource: ResolveSource,
): Promise<CheckedSource> => {
  const path = ['sources', name]
  const place = locate(file, path)
  const mistakes = nameMistakes('source', name, place.at, path)
  const written = locate(file, [...path, 'uses'])
  const uses = providerOf(name, place.tree, written.tree)
  const nothing = { name, uses: uses ?? name, options: {}, secrets: [] }
  if (uses === undefined) return { ...nothing, mistakes }
  let options: Schema
  try {
    options = await resolveSource(uses)
  } catch (error) {
    if (!(error instanceof OnSignupError)) throw error
    const { message, mend = 'write another' } = error
    const unknown =
      written.tree === undefined
        ? { at: place.at, path, message, mend: `${mend}, or add uses: with the provider` }
        : { at: written.at, path: [...path, 'uses'], message, mend }
    return { ...nothing, mistakes: [...mistakes, unknown] }
  }
  const form = formWithUses(options)
  const checked = await check(form, { file, text, path })
  return {
    name,
    uses,
    options: withoutUses(checked.value),
    secrets: place.tree === undefined ? [] : secretsIn(place.tree, form),
    mistakes: [...mistakes, ...checked.mistakes],
  }
}
