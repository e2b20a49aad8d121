import { existsSync, renameSync, rmSync } from 'node:fs'
import { OnSignupError } from '@onsignup/core'
import { connect } from './connection.ts'
import { unavailable } from './failures.ts'
import { mustExist } from './file.ts'
import { mustBeStore } from './schema.ts'
import { SQL } from './statements.ts'

const copy = (path: string, to: string): void => {
  const db = connect(path, { readOnly: true })
  try {
    mustBeStore(db, path)
    // One snapshot, whoever writes meanwhile, and nothing of what was deleted.
    db.run('VACUUM INTO ?', to)
  } finally {
    db.close()
  }
}

const markAsCopy = (path: string, now: number): void => {
  const db = connect(path)
  try {
    db.exec('PRAGMA synchronous = FULL')
    db.run(SQL.markAsCopy, now)
  } finally {
    db.close()
  }
}

/**
 * Copies a store while it is used, to a new file that knows it is a copy: whoever opens it finds every connector
 * paused, since what was delivered after the copy was made is not known in it. `now`: epoch milliseconds. Throws
 * `store_unavailable`.
 */
export const backupStore = (path: string, to: string, now: number): void => {
  mustExist(path)
  if (existsSync(to)) {
    throw new OnSignupError('store_unavailable', `${to} is there already`, { mend: 'name a new file' })
  }
  // Under its own name there is never a copy that does not know it is one.
  const part = `${to}.part`
  try {
    rmSync(part, { force: true })
    copy(path, part)
    markAsCopy(part, now)
    renameSync(part, to)
  } catch (error) {
    rmSync(part, { force: true })
    throw unavailable(path, `cannot be copied to ${to}`, error)
  }
}
