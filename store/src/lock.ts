import { existsSync } from 'node:fs'
import { OnSignupError } from '@onsignup/core'
import { connect } from './connection.ts'
import { isBusy } from './failures.ts'

const lockOf = (path: string): string => `${path}.lock`

/** Whether a process has the store open, this one included; changes nothing. */
export const isLocked = (path: string): boolean => {
  if (!existsSync(lockOf(path))) return false
  const lock = connect(lockOf(path), { readOnly: true, timeout: 0 })
  try {
    lock.hasTables()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    lock.close()
  }
}

/**
 * Makes this the only process that has the store open, until the returned function is called or the process ends,
 * however it ends. The lock is the operating system's on a database beside the store, since a file with a process
 * id survives kill -9, and in a container the next process has the same id. Waits a moment for a command that is about to
 * end. Throws `store_locked`.
 */
export const lockStore = (path: string): (() => void) => {
  const lock = connect(lockOf(path))
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw new OnSignupError('store_locked', `another onsignup process has the store ${path} open`, {
      mend: 'stop that process first, or name another file as the store',
      cause: error,
    })
  }
  return () => lock.close()
}
