import { OnSignupError } from '@onsignup/core'

// https://www.sqlite.org/rescode.html (read 2026-06): primary result codes.
const ERROR = 1
const PERM = 3
const BUSY = 5
const READONLY = 8
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const TOOBIG = 18
const CONSTRAINT = 19
const MISMATCH = 20
const RANGE = 25
const NOTADB = 26

/** SQLite's primary result code; undefined when the error is not SQLite's. */
const resultCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined

export const isBusy = (error: unknown): boolean => resultCode(error) === BUSY

/** Whether the values of one call are at fault, so that other calls in its transaction may go on. */
export const isDataError = (error: unknown): boolean => {
  const code = resultCode(error)
  return code === undefined || [ERROR, TOOBIG, CONSTRAINT, MISMATCH, RANGE].includes(code)
}

const mendFor = (error: unknown): string => {
  switch (resultCode(error)) {
    case FULL:
      return 'free some space on its disk'
    case CORRUPT:
    case NOTADB:
      return 'restore the file from a backup, or name another file as the store'
    case BUSY:
      return 'close the other program that has the file open'
    case undefined:
    case PERM:
    case READONLY:
    case CANTOPEN:
      return 'see that its folder can be made and written to by this user, or name another file as the store'
    default:
      return 'see that the disk is sound and has space'
  }
}

/** `what` says what failed, as "cannot be opened". An error that is ours already stays as it is. */
export const unavailable = (path: string, what: string, cause: unknown): OnSignupError =>
  cause instanceof OnSignupError
    ? cause
    : new OnSignupError(
        'store_unavailable',
        `the store ${path} ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { mend: mendFor(cause), cause },
      )
