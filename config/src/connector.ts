import { isPlugin, OnSignupError } from '@onsignup/core'
import { settingsSchema, type Usable } from '@onsignup/core/engine'
import { check, formOf, type Form, type Part } from './check.ts'
import type { Mistake, Path, Position } from './finding.ts'
import { conditionMistakes, secretsIn, templateMistakes } from './marks.ts'
import { nameMistakes } from './name.ts'
import { locate, type Tree } from './tree.ts'

/** Finds what `uses` names; rejects with an OnSignupError whose mend is shown. */
export type ResolvePlugin = (uses: string, folder: string) => Promise<Usable>

/** What a connector of the file came to. */
export interface CheckedConnector {
  readonly name: string
  /** Absent when the plugin was not found. */
  readonly usable: Usable | undefined
  readonly with: unknown
  readonly secrets: readonly string[]
  readonly mistakes: readonly Mistake[]
}

const unresolved = (error: unknown): Pick<Mistake, 'message' | 'mend'> => ({
  message: error instanceof Error ? error.message : String(error),
  mend: (error instanceof OnSignupError ? error.mend : undefined) ?? 'correct the plugin',
})

const formMistake = (plugin: string, at: Position, path: Path): Mistake => ({
  at,
  path,
  message: `the options of plugin ${plugin} have no JSON form`,
  mend: 'describe them with types that JSON Schema knows',
})

const optionsForm = (usable: Usable): Form | 'none' | 'unprintable' => {
  if (!isPlugin(usable)) return 'none'
  try {
    return formOf(usable.options)
  } catch {
    return 'unprintable'
  }
}

const settingsForm = formOf(settingsSchema)

/** What is wrong with the templates in the settings, as `rate.key`. */
const settingsTemplateMistakes = (file: Tree, path: Path): readonly Mistake[] => {
  const { tree } = locate(file, path)
  return tree === undefined ? [] : templateMistakes(tree, settingsForm, path)
}

const isEmpty = (tree: Tree | undefined): boolean =>
  tree === undefined ||
  (tree.kind === 'scalar' && tree.value === null) ||
  (tree.kind === 'mapping' && tree.entries.size === 0)

const checkOptions = async (usable: Usable, uses: string, part: Part, usesPath: Path) => {
  const form = optionsForm(usable)
  const { tree, at } = locate(part.file, part.path)
  if (form === 'none') {
    const mistake = { at, path: part.path, message: `${uses} is a function, which takes no options` }
    const mend = 'remove with, or export a plugin made by definePlugin'
    return { value: {}, secrets: [], mistakes: isEmpty(tree) ? [] : [{ ...mistake, mend }] }
  }
  if (form === 'unprintable') {
    const place = locate(part.file, usesPath).at
    return { value: {}, secrets: [], mistakes: [formMistake(uses, place, usesPath)] }
  }
  const checked = await check(form, part)
  if (tree === undefined) return { ...checked, secrets: [] }
  const templates = templateMistakes(tree, form, part.path)
  return {
    value: checked.value,
    secrets: secretsIn(tree, form),
    mistakes: [...checked.mistakes, ...templates],
  }
}

/** Checks what the frame cannot: the connector's name, its plugin, its options, templates and condition. */
export const checkConnector = async (
  name: string,
  { file, text }: Omit<Part, 'path'>,
  folder: string,
  resolvePlugin: ResolvePlugin,
): Promise<CheckedConnector> => {
  const path = ['connectors', name]
  const usesPath = [...path, 'uses']
  const uses = locate(file, usesPath)
  const ifPath = [...path, 'if']
  const own = [
    ...nameMistakes('connector', name, locate(file, path).at, path),
    ...conditionMistakes(locate(file, ifPath).tree, ifPath),
    ...settingsTemplateMistakes(file, path),
  ]
  const nothing = { name, usable: undefined, with: {}, secrets: [] }
  const { tree } = uses
  if (tree?.kind !== 'scalar' || tree.broken || typeof tree.value !== 'string' || tree.value === '') {
    return { ...nothing, mistakes: own }
  }
  const usable = await resolvePlugin(tree.value, folder).catch(unresolved)
  if ('mend' in usable) return { ...nothing, mistakes: [...own, { at: uses.at, path: usesPath, ...usable }] }
  const part = { file, text, path: [...path, 'with'] }
  const { value, secrets, mistakes } = await checkOptions(usable, tree.value, part, usesPath)
  return { name, usable, with: value, secrets, mistakes: [...own, ...mistakes] }
}
