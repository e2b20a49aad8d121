import { isFields, listOf, textOf } from './document.ts'
import type { Binding } from './entries.ts'
import { TRIGGER } from './not-taken.ts'
import { keyOf, resourcesOf, type Resource, type TerraformFile } from './terraform-files.ts'
import { BINDINGS, evaluated, isNone, type Known } from './terraform-values.ts'

const REFERENCES = /\bauth0_action\.[\w-]+/g
const ONE_REFERENCE = /^\$\{\s*auth0_action\.[\w-]+(?:\[[^\]]*\])?\.id\s*\}$/

const bindingOf = ({ address, value, source }: Resource, known: Known): Binding => {
  const trigger = evaluated(value.get('trigger'), known)
  const actions = value.get('actions')
  const ids = [
    ...listOf(actions).map((each) => (isFields(each) ? each.get('id') : each)),
    ...(isFields(actions) ? [actions.get('id')] : []),
    value.get('action_id'),
  ].flatMap((id) => textOf(id) ?? [])
  const isComputed =
    trigger === undefined ||
    textOf(actions) !== undefined ||
    ['dynamic', 'for_each'].some((key) => value.has(key)) ||
    !ids.every((id) => ONE_REFERENCE.test(id))
  return {
    // What may be ours has to be told of.
    trigger: trigger ?? TRIGGER,
    where: `${source.file} ${address}`,
    actions: ids.flatMap((id) => [...id.matchAll(REFERENCES)].map(([found]) => keyOf(found, source))),
    isPartial: isComputed,
  }
}

/** The bindings of a module; undefined when it makes none. */
export const bindingsOf = (files: readonly TerraformFile[], known: Known): readonly Binding[] | undefined => {
  const resources = BINDINGS.flatMap((type) => resourcesOf(files, type))
  if (resources.length === 0) return undefined
  return resources.filter(({ value }) => !isNone(value, known)).map((each) => bindingOf(each, known))
}
