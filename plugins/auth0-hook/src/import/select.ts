import { isPackageName, isVersion } from '../modules/request.ts'
import { isFields, listOf, textOf, type Fields } from './document.ts'
import type { Binding, Entries, Entry } from './entries.ts'
import { NotTakenError, RefusalError, type Refusal } from './errors.ts'
import { markersIn } from './keywords.ts'
import { otherTrigger, TRIGGER } from './triggers.ts'

/** A secret of a script; its value never leaves this process. */
export interface ExportedSecret {
  readonly name: string
  /** Two secrets of one meaning have one value; undefined where the export hides it. */
  readonly meaning: string | undefined
  /** The export has its value in plain text. */
  readonly isWritten: boolean
}

/** A post-user-registration script of an export. */
export interface ExportedScript {
  readonly what: 'hook' | 'action'
  readonly name: string
  readonly where: string
  /** Whether it ran at Auth0, as far as the export knows. */
  readonly on: boolean
  readonly source: string
  readonly secrets: readonly ExportedSecret[]
  /** Versions and ranges by package name. */
  readonly dependencies: ReadonlyMap<string, string>
  readonly remarks: readonly string[]
}

/** Something of an export that is not taken, why, and what to do with it. */
export interface NotTaken {
  readonly what: string
  readonly where: string
  readonly why: string
  readonly mend: string
}

/** What of an export is taken, in the order in which it ran. */
export interface Selection {
  readonly scripts: readonly ExportedScript[]
  readonly notTaken: readonly NotTaken[]
  readonly refusals: readonly Refusal[]
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

const dependenciesOf = (value: unknown, where: string) => {
  const dependencies = new Map<string, string>()
  const remarks: string[] = []
  for (const [name, version] of pairsOf(value, 'version', where)) {
    const text = textOf(version) ?? 'latest'
    if (isPackageName(name) && isVersion(text)) dependencies.set(name, text)
    else
      remarks.push(
        `its dependency ${JSON.stringify(name)} was left out: no package and version of a registry`,
      )
  }
  return { dependencies, remarks }
}

const titleOf = ({ what, value, where }: Entry): string =>
  `${what} ${textOf(value.get('name')) ?? textOf(value.get('id')) ?? where}`

const triggersOf = ({ what, value }: Entry): readonly string[] =>
  (what === 'hook'
    ? [textOf(value.get('triggerId'))]
    : listOf(value.get('supported_triggers')).map((each) =>
        isFields(each) ? textOf(each.get('id')) : undefined,
      )
  ).filter((trigger) => trigger !== undefined)

const notTakenOf = (entry: Entry, triggers: readonly string[]): NotTaken => {
  const [trigger] = triggers
  const about = { what: titleOf(entry), where: entry.where }
  if (trigger === undefined) return { ...about, why: 'it names no trigger', mend: 'name one in the export' }
  const { why, mend } = otherTrigger(entry.what, trigger)
  return { ...about, why: `${trigger}: ${why}`, mend }
}

/** The version of an Action that ran: its draft may be newer. */
const deployedOf = ({
  what,
  value,
}: Entry): { readonly value: Fields; readonly remarks: readonly string[] } => {
  const deployed = value.get('deployed_version')
  const draft = textOf(value.get('code'))
  if (what === 'hook' || !isFields(deployed) || (textOf(deployed.get('code')) ?? draft) === draft) {
    return { value, remarks: [] }
  }
  const remarks = ['it has changes that were never deployed: the deployed version was taken']
  return { value: new Map([...value, ...deployed]), remarks }
}

interface On {
  readonly on: boolean
  readonly remarks: readonly string[]
}

const isFalse = (value: unknown): boolean => textOf(value) === 'false'

const onOf = ({ what, value, key }: Entry, bound: readonly string[] | undefined): On => {
  if (what === 'hook') return { on: textOf(value.get('enabled')) === 'true', remarks: [] }
  const isDeployed =
    isFields(value.get('deployed_version')) ||
    !(isFalse(value.get('deployed')) || isFalse(value.get('all_changes_deployed')))
  if (!isDeployed) return { on: false, remarks: ['it was never deployed'] }
  if (bound === undefined) {
    return { on: true, remarks: ['the export does not say whether it was bound to the trigger; it is on'] }
  }
  const on = bound.includes(key)
  return { on, remarks: on ? [] : ['it was not bound to the trigger'] }
}

const modulesRemark = (value: Fields): readonly string[] => {
  const names = listOf(value.get('modules')).flatMap((each) =>
    isFields(each) ? (textOf(each.get('module_name')) ?? []) : [],
  )
  return names.length === 0
    ? []
    : [`it uses Modules of Auth0, which are not in its script: ${names.join(', ')}`]
}

const scriptOf = async (entry: Entry, bound: readonly string[] | undefined): Promise<ExportedScript> => {
  const { what, where } = entry
  const { value, remarks } = deployedOf(entry)
  const name = textOf(value.get('name')) ?? textOf(value.get('id')) ?? what
  const source = await entry.script(textOf(value.get(what === 'hook' ? 'script' : 'code')))
  const dependencies = dependenciesOf(value.get('dependencies'), where)
  const secrets = new Map(pairsOf(value.get('secrets'), 'value', where))
  const { on, remarks: why } = onOf(entry, bound)
  const left = markersIn(name).map(({ marker }) => `${marker} in its name was not replaced`)
  return {
    what,
    name,
    where,
    on,
    source,
    secrets: [...secrets].map(secretOf),
    dependencies: dependencies.dependencies,
    remarks: [
      ...entry.remarks,
      ...remarks,
      ...why,
      ...dependencies.remarks,
      ...modulesRemark(value),
      ...left,
    ],
  }
}

const otherBindings = (bindings: readonly Binding[]): readonly NotTaken[] =>
  bindings
    .filter(({ trigger, actions }) => trigger !== TRIGGER && actions.length > 0)
    .map(({ trigger, where }) => ({
      what: `bindings of ${trigger}`,
      where,
      why: otherTrigger('action', trigger).why,
      mend: 'leave them at Auth0',
    }))

const lostBindings = (bindings: readonly Binding[], entries: readonly Entry[]): readonly NotTaken[] =>
  bindings
    .filter(({ trigger }) => trigger === TRIGGER)
    .flatMap(({ actions, where }) => actions.map((key) => ({ key, where })))
    .filter(({ key }) => !entries.some((entry) => entry.what === 'action' && entry.key === key))
    .map(({ key, where }) => ({
      what: `action ${key}`,
      where,
      why: 'it is bound to the trigger, and is not in the export',
      mend: 'export it too, and import again',
    }))

/** Hooks first, then Actions in the order in which they were bound, then those that were not. */
const inOrder = (entries: readonly Entry[], bound: readonly string[]): readonly Entry[] => {
  const place = ({ what, key }: Entry): number => {
    if (what === 'hook') return -1
    const index = bound.indexOf(key)
    return index === -1 ? bound.length : index
  }
  return entries.toSorted((a, b) => place(a) - place(b))
}

/** Chooses the post-user-registration scripts of an export, and says why all else is left. */
export const select = async ({ entries, bindings }: Entries): Promise<Selection> => {
  const bound = bindings?.filter(({ trigger }) => trigger === TRIGGER).flatMap(({ actions }) => actions)
  const scripts: ExportedScript[] = []
  const notTaken: NotTaken[] = []
  const refusals: Refusal[] = []
  for (const entry of inOrder(entries, bound ?? [])) {
    const triggers = triggersOf(entry)
    if (!triggers.includes(TRIGGER)) {
      notTaken.push(notTakenOf(entry, triggers))
      continue
    }
    try {
      scripts.push(await scriptOf(entry, bound))
    } catch (error) {
      if (error instanceof RefusalError) refusals.push(error.refusal)
      else if (error instanceof NotTakenError) {
        notTaken.push({ what: titleOf(entry), where: entry.where, why: error.message, mend: error.mend })
      } else throw error
    }
  }
  return {
    scripts,
    notTaken: [...notTaken, ...lostBindings(bindings ?? [], entries), ...otherBindings(bindings ?? [])],
    refusals,
  }
}
