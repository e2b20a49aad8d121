import { OnSignupError } from '@onsignup/core'
import { visible } from './visible.ts'

/** Why an export cannot be imported. */
export type ExportErrorCode = 'export_unreadable' | 'export_unknown' | 'export_refused'

/** One thing that an import does not take in: where it stands, what is wrong with it and what to do. */
export interface Refusal {
  readonly where: string
  readonly what: string
  readonly mend: string
}

/** Thrown while an export is read; nothing was written. */
export class ExportError extends OnSignupError<ExportErrorCode> {
  override readonly name = 'ExportError'
}

/** Thrown for one part of an export, so that all parts can be told of at once. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError'
  readonly refusal: Refusal

  constructor(where: string, what: string, mend: string) {
    super(`${where}: ${what}`)
    this.refusal = { where, what, mend }
  }
}

/** Thrown for a script that is left out of an import, while all else is taken. */
export class NotTakenError extends Error {
  override readonly name = 'NotTakenError'
  readonly mend: string

  constructor(message: string, mend: string) {
    super(message)
    this.mend = mend
  }
}

/** All that is refused of an export, as one error. */
export const refused = (path: string, refusals: readonly Refusal[]): ExportError => {
  const things = refusals.length === 1 ? '1 thing' : `${refusals.length} things`
  const lines = refusals.map(({ where, what, mend }) => visible(`  ${where}  ${what}  → ${mend}`))
  return new ExportError('export_refused', [`${things} in ${path} cannot be taken in`, ...lines].join('\n'), {
    mend: 'nothing was written: correct the export and import it again',
  })
}
