import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { OnSignupError } from '@onsignup/core'
import { connect, type Connection } from './connection.ts'
import { lockStore } from './lock.ts'
import { readingFrom, type Reading } from './reading.ts'
import { migrate, mustBeStore } from './schema.ts'
import { createReadingThread } from './thread.ts'

/** What an open store works with. */
export interface OpenFile {
  readonly writer: Connection
  /** The file, free of symbolic links. */
  readonly path: string
  /** What reads for people. */
  readonly reading: Reading
  /** Gives the file free. */
  close(): void
}

/** The path of a store that keeps nothing beyond the process. */
export const MEMORY = ':memory:'

/** WAL pages at which the writer stops to move them to the main file, if the thread that does it has not kept up. */
const MOST_WAL_PAGES = 16_000
const LARGEST_IDLE_WAL = 64 * 1_024 * 1_024
/** Four times as much made neither accepting nor a backlog of 300,000 faster: the system keeps the file's pages too. */
const CACHE_KIB = 8_192

const mustBe = (db: Connection, path: string, pragma: string, wanted: string | number): void => {
  const value = db.pragma(pragma)
  if (value === wanted) return
  throw new OnSignupError(
    'store_unavailable',
    `the store ${path} has ${pragma} ${value} instead of ${wanted}`,
    {
      mend: 'put the file on a local disk: network disks lack what SQLite needs to keep every write',
    },
  )
}

/** Sets what makes a commit survive the loss of power, and refuses a file that does not take it. */
export const makeDurable = (db: Connection, path: string): void => {
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA wal_autocheckpoint = ${MOST_WAL_PAGES};
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA journal_size_limit = ${LARGEST_IDLE_WAL};
  `)
  mustBe(db, path, 'journal_mode', path === MEMORY ? 'memory' : 'wal')
  mustBe(db, path, 'synchronous', 2)
  mustBe(db, path, 'foreign_keys', 1)
}

const openMemory = (): OpenFile => {
  const db = connect(MEMORY)
  makeDurable(db, MEMORY)
  migrate(db, MEMORY)
  return { writer: db, path: MEMORY, reading: readingFrom(db, MEMORY), close: () => db.close() }
}

/** Throws `store_unavailable` when there is no such file. */
export const mustExist = (path: string): void => {
  if (existsSync(path)) return
  throw new OnSignupError('store_unavailable', `there is no store ${path}`, {
    mend: 'start the service once, or correct store: in the configuration',
  })
}

/** The file itself, free of symbolic links, since two names of one file must meet at one lock. */
export const realPath = (given: string): string => {
  const absolute = resolve(given)
  return existsSync(absolute) ? realpathSync(absolute) : absolute
}

/** Makes the folder, locks the file, brings it to the newest version; `existing`: makes no store where there is none. */
export const openFile = (given: string, { existing = false } = {}): OpenFile => {
  if (given === MEMORY) return openMemory()
  if (existing) mustExist(given)
  else mkdirSync(dirname(resolve(given)), { recursive: true })
  const path = realPath(given)
  const toClose = new DisposableStack()
  try {
    toClose.defer(lockStore(path))
    const writer = connect(path)
    toClose.defer(() => writer.close())
    if (existing) mustBeStore(writer, path)
    makeDurable(writer, path)
    migrate(writer, path)
    return { writer, path, reading: createReadingThread(path), close: () => toClose.dispose() }
  } catch (error) {
    toClose.dispose()
    throw error
  }
}
