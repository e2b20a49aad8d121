import { existsSync, renameSync, rmSync } from 'node:fs'
import { OnSignupError } from '@onsignup/core'
import { connect } from './connection.ts'
import { unavailable } from './failures.ts'
import { isStore } from './schema.ts'
import { SQL } from './statements.ts'

const copy = (path: string, to: string): void => {
  const db = connect(path, { readOnly: true })
  try {
    if (!isStore(db)) {
      throw new OnSignupError('store_unavailable', `${path} is no store of onsignup`, {
        mend: 'name the file that store: names in the configuration',
      })
    }
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
  if (!existsSync(path)) {
    throw new OnSignupError('store_unavailable', `there is no store ${path}`, {
      mend: 'start the service once, or correct store: in the configuration',
    })
  }
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
