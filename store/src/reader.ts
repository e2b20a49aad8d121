import { existsSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { OnSignupError } from '@onsignup/core'
import type { Store } from '@onsignup/core/engine'
import { connect, type Connection } from './connection.ts'
import { allConnectors } from './connectors.ts'
import { unavailable } from './failures.ts'
import { mustExist, realPath } from './file.ts'
import { holdsAny, list } from './listing.ts'
import { isLocked } from './lock.ts'
import { readEvent } from './reading.ts'
import { listRefused } from './refused.ts'
import { mustBeNewest } from './schema.ts'

/** A store as it is in its file: what people ask, whether or not a process has it open. */
export interface StoreReader
  extends Pick<Store, 'connectors' | 'deliveries' | 'event' | 'listRefused'>, Disposable {
  /** Whether a process had it open when the reading began, as a service that runs has. */
  readonly isInUse: boolean
}

interface Reader {
  readonly db: Connection
  /** Throws when what was read may be of two moments. */
  readonly check: () => void
}

const stampOf = (path: string): string => {
  const { mtimeNs, size } = statSync(path, { bigint: true })
  return `${mtimeNs} ${size}`
}

/**
 * Where nobody has the file open, SQLite would make two files beside it, which whoever starts the service may then not
 * write to, and which cannot be made on a read-only disk: told that the file does not change, it makes none.
 */
const openStill = (path: string): Reader => {
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  const before = stampOf(path)
  return {
    db: connect(url, { readOnly: true }),
    check() {
      if (stampOf(path) === before) return
      throw new OnSignupError('store_unavailable', `the store ${path} was changed while it was read`, {
        mend: 'run it again',
      })
    },
  }
}

const openReader = (path: string, isInUse: boolean): Reader =>
  isInUse || existsSync(`${path}-wal`)
    ? { db: connect(path, { readOnly: true }), check() {} }
    : openStill(path)

/**
 * Reads a store that is there, takes no lock and changes nothing. What is held by a process that is gone is shown as
 * waiting for the next start. Throws `store_unavailable`, `store_newer`.
 */
export const readSqliteStore = (given: string): StoreReader => {
  mustExist(given)
  const path = realPath(given)
  const toClose = new DisposableStack()
  try {
    const isInUse = isLocked(path)
    const { db, check } = openReader(path, isInUse)
    toClose.defer(() => db.close())
    mustBeNewest(db, path)
    const abandoned = !isInUse && holdsAny(db)
    const read = async <T>(work: () => T): Promise<T> => {
      try {
        const answer = work()
        check()
        return answer
      } catch (error) {
        throw unavailable(path, 'cannot be read', error)
      }
    }
    return {
      isInUse,
      connectors: () => read(() => allConnectors(db)),
      deliveries: (query, now) => read(() => list(db, query, now, { abandoned })),
      event: (id) => read(() => readEvent(db, path, id)),
      listRefused: (query) => read(() => listRefused(db, query)),
      [Symbol.dispose]: () => toClose.dispose(),
    }
  } catch (error) {
    toClose.dispose()
    throw unavailable(path, 'cannot be read', error)
  }
}
