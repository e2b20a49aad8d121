import { OnSignupError } from '@onsignup/core'
import { connect } from './connection.ts'
import { isBusy } from './failures.ts'

/**
 * Makes this the only process that has the store open, until the returned function is called or the process ends,
 * however it ends. The lock is the operating system's on a database beside the store, since a file with a process
 * id survives kill -9, and in a container the next process has the same id. Throws `store_locked`.
 */
export const lockStore = (path: string): (() => void) => {
  const lock = connect(`${path}.lock`, { timeout: 0 })
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
