import type { Fields } from './document.ts'
import { NotTakenError, RefusalError } from './errors.ts'

/** A hook or an Action as an export has it, in the words of the Management API. */
export interface Entry {
  readonly what: 'hook' | 'action'
  readonly value: Fields
  /** As `tenant.yaml hooks[0]`. */
  readonly where: string
  /** By what a binding names it: an Action's name, or a Terraform address. */
  readonly key: string
  /** The script's text, given what the entry says under `script` or `code`. Throws RefusalError and NotTakenError. */
  readonly script: (written: string | undefined) => Promise<string>
  /** What only this form of export knows of it. */
  readonly remarks: readonly string[]
}

/** What runs at a trigger: keys of Actions, in their order. */
export interface Binding {
  readonly trigger: string
  readonly actions: readonly string[]
  readonly where: string
  /** More Actions may be bound than the export says. */
  readonly isPartial: boolean
}

/** All that an export has of hooks, Actions and bindings. */
export interface Entries {
  /** As `deploy-cli YAML`. */
  readonly format: string
  readonly entries: readonly Entry[]
  /** Absent when the export says nothing of bindings. */
  readonly bindings: readonly Binding[] | undefined
}

// A script has one of these before its first line ends, and a path has none of them.
const CODE = /[\n(){}=;]/

/**
 * Reads the file when an entry names one, and takes what is no path for the script itself. Throws RefusalError, and
 * NotTakenError for an Action, which may be without a script at Auth0 too.
 */
export const scriptOrFile =
  (what: Entry['what'], where: string, read: (path: string) => Promise<string>): Entry['script'] =>
  async (written) => {
    if (written !== undefined && written !== '') return CODE.test(written) ? written : read(written)
    if (what === 'action') {
      throw new NotTakenError('it has no code', 'write its code at Auth0, and export it again')
    }
    const mend = 'a list of hooks leaves the scripts out: get each by its id (GET /api/v2/hooks/{id})'
    throw new RefusalError(where, 'it has no script', mend)
  }
