import { itemsOf } from './deploy-cli.ts'
import { isFields, textOf, type Fields } from './document.ts'
import { scriptOrFile, type Binding, type Entries, type Entry } from './entries.ts'
import { folderOf, type ExportFolder } from './folder.ts'
import { replaceKeywords, type Mappings } from './keywords.ts'

const whatOf = (value: unknown): Entry['what'] | undefined => {
  if (!isFields(value)) return undefined
  if (value.has('triggerId')) return 'hook'
  return value.has('supported_triggers') ? 'action' : undefined
}

type Items = readonly (readonly [Fields, string])[]

const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => whatOf(each) !== undefined)

/** As GET /actions/triggers/{id}/bindings answers. */
const bindingsOf = (value: unknown, where: string): readonly Binding[] | undefined => {
  if (!Array.isArray(value)) return undefined
  const byTrigger = new Map<string, string[]>()
  for (const each of value) {
    const trigger = isFields(each) ? textOf(each.get('trigger_id')) : undefined
    const action = isFields(each) ? each.get('action') : undefined
    const name = isFields(action) ? textOf(action.get('name')) : undefined
    if (trigger === undefined || name === undefined) continue
    byTrigger.set(trigger, [...(byTrigger.get(trigger) ?? []), name])
  }
  return [...byTrigger].map(([trigger, actions]) => ({ trigger, actions, where, isPartial: false }))
}

/** A hook, an Action, a list of them, `{ hooks }` or `{ actions }`. */
const itemsIn = (value: unknown, file: string): Items => {
  if (isFields(value) && whatOf(value) !== undefined) return [[value, file]]
  const lists: readonly unknown[] = isFields(value) ? [value.get('hooks'), value.get('actions')] : [value]
  return lists.filter(isList).flatMap((list) => itemsOf(list, file))
}

/**
 * Reads answers of Auth0's Management API with the scripts inside, or one entry of a deploy-cli directory, whose script is a
 * file beside it. Anything else is undefined. Throws RefusalError.
 */
export const readAnswers = (
  value: unknown,
  folder: ExportFolder,
  file: string,
  mappings: Mappings,
): Entries | undefined => {
  const items = itemsIn(value, file)
  if (items.length === 0) return undefined
  const base = folderOf(file)
  return {
    format: 'Management API JSON',
    entries: items.map(([item, where]) => {
      const what = whatOf(item) ?? 'hook'
      return {
        what,
        value: item,
        where,
        key: textOf(item.get('name')) ?? '',
        remarks: [],
        script: scriptOrFile(what, where, async (path) =>
          replaceKeywords(await folder.script(base, path, where), mappings),
        ),
      }
    }),
    bindings: isFields(value) ? bindingsOf(value.get('bindings'), `${file} bindings`) : undefined,
  }
}
