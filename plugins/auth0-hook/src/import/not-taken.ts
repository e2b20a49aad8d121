import { isFields, listOf, textOf } from './document.ts'
import type { Binding, Entry } from './entries.ts'
import { MAP_IT, markersIn } from './keywords.ts'

/** The one trigger whose scripts run here. */
export const TRIGGER = 'post-user-registration'

interface Reason {
  readonly why: string
  readonly mend: string
}

const INSIDE_A_FLOW = 'it decides within a flow of Auth0, which waits for it'

const REASONS: Readonly<Record<string, Reason>> = {
  'pre-user-registration': {
    why: 'it decides whether Auth0 makes the user',
    mend: 'move it to an Action of the trigger pre-user-registration at Auth0',
  },
  'credentials-exchange': {
    why: 'it changes access tokens while Auth0 makes them',
    mend: 'move it to an Action of the trigger credentials-exchange at Auth0',
  },
  'post-change-password': {
    why: 'it runs after a password was changed, which is no registration',
    mend: 'move it to an Action of the trigger post-change-password at Auth0',
  },
  'send-phone-message': {
    why: 'Auth0 waits for it to send a code',
    mend: 'move it to an Action of the trigger send-phone-message, or a phone provider, at Auth0',
  },
}

/** Why a script of another trigger is not taken, and what to do with it. A hook's home at Auth0 goes, an Action's stays. */
const otherTrigger = (what: 'hook' | 'action', trigger: string): Reason => {
  const reason = REASONS[trigger] ?? { why: INSIDE_A_FLOW, mend: 'move it to an Action at Auth0' }
  return what === 'hook' ? reason : { why: reason.why, mend: 'leave it at Auth0' }
}

/** Something of an export that is not taken, why, and what to do with it. */
export interface NotTaken {
  readonly what: string
  readonly where: string
  readonly why: string
  readonly mend: string
}

export const titleOf = ({ what, value, where }: Entry): string =>
  `${what} ${textOf(value.get('name')) ?? textOf(value.get('id')) ?? where}`

/** The triggers that an entry is for. */
export const triggersOf = ({ what, value }: Entry): readonly string[] =>
  (what === 'hook'
    ? [textOf(value.get('triggerId'))]
    : [
        textOf(value.get('supported_triggers')),
        ...listOf(value.get('supported_triggers')).map((each) =>
          isFields(each) ? textOf(each.get('id')) : undefined,
        ),
      ]
  ).filter((trigger) => trigger !== undefined)

/** Says why an entry of another trigger is not taken. */
export const notTakenOf = (entry: Entry, triggers: readonly string[]): NotTaken => {
  const [trigger] = triggers
  const about = { what: titleOf(entry), where: entry.where }
  if (trigger === undefined) return { ...about, why: 'it names no trigger', mend: 'name one in the export' }
  const [left] = markersIn(trigger)
  if (left !== undefined)
    return { ...about, why: `${left.marker}: its trigger was not replaced`, mend: MAP_IT }
  const { why, mend } = otherTrigger(entry.what, trigger)
  return { ...about, why: `${trigger}: ${why}`, mend }
}

/** The bindings of other triggers. */
export const otherBindings = (bindings: readonly Binding[]): readonly NotTaken[] =>
  bindings
    .filter(({ trigger, actions }) => trigger !== TRIGGER && actions.length > 0)
    .map(({ trigger, where }) => ({
      what: `bindings of ${trigger}`,
      where,
      why: otherTrigger('action', trigger).why,
      mend: 'leave them at Auth0',
    }))

/** The Actions that are bound to the trigger, and are not in the export. */
export const lostBindings = (bindings: readonly Binding[], entries: readonly Entry[]): readonly NotTaken[] =>
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
