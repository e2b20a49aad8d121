import { isFields, listOf, textOf, type Fields } from './document.ts'
import type { Entries, Entry } from './entries.ts'
import { NotTakenError, RefusalError, type Refusal } from './errors.ts'
import { markersIn } from './keywords.ts'
import { dependenciesOf, secretsOf, type ExportedSecret } from './listed.ts'
import {
  lostBindings,
  notTakenOf,
  otherBindings,
  titleOf,
  TRIGGER,
  triggersOf,
  type NotTaken,
} from './not-taken.ts'

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

/** What of an export is taken, in the order in which it ran. */
export interface Selection {
  readonly scripts: readonly ExportedScript[]
  readonly notTaken: readonly NotTaken[]
  readonly refusals: readonly Refusal[]
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

/** The Actions that are bound to the trigger, as far as the export knows. */
interface Bound {
  readonly keys: readonly string[]
  readonly isPartial: boolean
}

const boundOf = (bindings: Entries['bindings']): Bound | undefined => {
  if (bindings === undefined) return undefined
  const ours = bindings.filter(({ trigger }) => trigger === TRIGGER)
  return {
    keys: ours.flatMap(({ actions }) => actions),
    isPartial: ours.some(({ isPartial }) => isPartial),
  }
}

const onOf = ({ what, value, key }: Entry, bound: Bound | undefined): On => {
  if (what === 'hook') return { on: textOf(value.get('enabled')) === 'true', remarks: [] }
  const isDeployed =
    isFields(value.get('deployed_version')) ||
    !(isFalse(value.get('deployed')) || isFalse(value.get('all_changes_deployed')))
  if (!isDeployed) return { on: false, remarks: ['it was never deployed'] }
  if (bound?.keys.includes(key) === true) return { on: true, remarks: [] }
  if (bound?.isPartial === false) return { on: false, remarks: ['it was not bound to the trigger'] }
  return { on: true, remarks: ['the export does not say whether it was bound to the trigger; it is on'] }
}

const modulesRemark = (value: Fields): readonly string[] => {
  const names = listOf(value.get('modules')).flatMap((each) =>
    isFields(each) ? (textOf(each.get('module_name')) ?? []) : [],
  )
  return names.length === 0
    ? []
    : [`it uses Modules of Auth0, which are not in its script: ${names.join(', ')}`]
}

/** Where a keyword that is left changes what is taken. */
const LEFT_IN = ['name', 'secrets', 'dependencies', 'enabled', 'deployed', 'all_changes_deployed']

const scriptOf = async (entry: Entry, bound: Bound | undefined): Promise<ExportedScript> => {
  const { what, where } = entry
  const { value, remarks } = deployedOf(entry)
  const name = textOf(value.get('name')) ?? textOf(value.get('id')) ?? what
  const source = await entry.script(textOf(value.get(what === 'hook' ? 'script' : 'code')))
  if (source.trim() === '')
    throw new NotTakenError('its script is empty', 'nothing is to be done: it did nothing at Auth0 either')
  const dependencies = dependenciesOf(value.get('dependencies'), where)
  const { on, remarks: why } = onOf(entry, bound)
  const left = LEFT_IN.flatMap((key) =>
    markersIn(textOf(value.get(key)) ?? '').map(({ marker }) => `${marker} under ${key} was not replaced`),
  )
  return {
    what,
    name,
    where,
    on,
    source,
    secrets: secretsOf(value.get('secrets'), where),
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
  const bound = boundOf(bindings)
  const scripts: ExportedScript[] = []
  const notTaken: NotTaken[] = []
  const refusals: Refusal[] = []
  for (const entry of inOrder(entries, bound?.keys ?? [])) {
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
