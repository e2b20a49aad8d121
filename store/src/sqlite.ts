import { OnSignupError } from '@onsignup/core'
import { lostRun, type BeginMark, type Period, type Store } from '@onsignup/core/engine'
import { accept } from './accepting.ts'
import { backfillSlice, newestEvent, type Backfill, type SliceOfMissing } from './backfilling.ts'
import { checkpointsBy } from './checkpoints.ts'
import { integer, integerOrNull, textOrNull, word } from './columns.ts'
import { createCommitQueue, type CommitQueue } from './commit-queue.ts'
import type { Connection, Row } from './connection.ts'
import { allConnectors, changeGate, pauseCopy, register } from './connectors.ts'
import { unavailable } from './failures.ts'
import { dropSlice, eraseSlice, forget } from './forgetting.ts'
import { Indexing, loadRecent } from './indexing.ts'
import { MEMORY, openFile, type OpenFile } from './file.ts'
import { addAttempt, begin, claim, claimIdle, held, note, release, settle } from './handing-out.ts'
import { RecentEvents } from './recent-events.ts'
import { dropRefused, keepRefused, listRefused } from './refused.ts'
import { rename } from './renaming.ts'
import { retriedOf, retryOne, retrySlice } from './retrying.ts'
import { inSlices } from './slices.ts'
import { createSpaceGuard, NO_DISK, type Disk, type SpaceGuard } from './space.ts'
import { SQL } from './statements.ts'

export interface SqliteStoreOptions {
  /** The file; its folder is made. `:memory:` keeps nothing beyond the process. */
  readonly path: string
  /** Opens a store that is there, and makes none. Default: false. */
  readonly existing?: boolean
  /** Tells the size and the free space of the disk that holds a folder. Default: asks the system. */
  readonly disk?: (folder: string) => Disk
}

interface Session {
  readonly file: OpenFile
  readonly queue: CommitQueue
  readonly space: SpaceGuard
  readonly recent: RecentEvents
  readonly indexing: Indexing
  /** Marks what this process holds. */
  readonly epoch: number
}

/** Each waits half a second for who is in the way. */
const TRIES_TO_EMPTY = 4

const MARKS: readonly BeginMark[] = ['hold', 'suspect', 'alone']

/** Ends or frees what a process held that is gone. */
const recover = (db: Connection, now: number): void => {
  for (const row of db.all(SQL.heldRuns)) {
    const id = integer(row, 'id')
    const held = {
      run: integer(row, 'run'),
      begun: integer(row, 'begun'),
      mark: row['mark'] === null ? null : word(row, 'mark', MARKS),
      alone: integer(row, 'alone') === 1,
      lost: integer(row, 'lost'),
    }
    const { state, due, reason, alone, lost, attempt } = lostRun(held, now)
    db.run(SQL.freeLost, state, due, reason, alone ? 1 : 0, lost, id)
    addAttempt(db, id, attempt)
  }
}

/** A store in one SQLite file for one process. Touches no file until it is opened. */
export const createSqliteStore = ({ path, existing = false, disk }: SqliteStoreOptions): Store => {
  let session: Session | null = null
  let closed = Promise.resolve()

  const mustBeOpen = (): Session => {
    if (session) return session
    throw new OnSignupError('store_unavailable', `the store ${path} is not open`, { mend: 'open it first' })
  }

  const write = async <T>(work: (db: Connection, epoch: number) => T): Promise<T> => {
    const { file, queue, epoch } = mustBeOpen()
    return queue.add(() => work(file.writer, epoch))
  }

  // The dispatcher reads from the writer: another connection would read anew what each commit changed.
  const read = async <T>(work: (db: Connection, epoch: number) => T): Promise<T> => {
    const { file, epoch } = mustBeOpen()
    try {
      return work(file.writer, epoch)
    } catch (error) {
      throw unavailable(path, 'cannot be read', error)
    }
  }

  /** Goes through the events that there are, and tells how many of them a connector was never given. */
  const missingOf = async (
    connector: number,
    period: Period,
    next: (backfill: Backfill, after: number) => Promise<SliceOfMissing>,
  ): Promise<number> => {
    const upTo = await read(newestEvent)
    let missing = 0
    await inSlices(async (after) => {
      const slice = await next({ connector, period, upTo }, after)
      missing += slice.missing
      return slice
    })
    return missing
  }

  const openSession = (now: number): Session => {
    const file = openFile(path, { existing })
    try {
      const epoch = file.writer.transact(() => {
        recover(file.writer, now)
        pauseCopy(file.writer)
        return integer(file.writer.get(SQL.takeEpoch) ?? {}, 'epoch')
      })
      const describe = (error: unknown) => unavailable(path, 'cannot be written', error)
      const recent = new RecentEvents()
      loadRecent(file.writer, recent)
      const checkpoint = checkpointsBy(file.reading)
      const committed = (calls: number) => {
        checkpoint(calls)
        indexing.keepUp()
      }
      const queue = createCommitQueue(file.writer, describe, { memory: recent, committed })
      const indexing = new Indexing(file.writer, queue, recent)
      const space = file.path === MEMORY ? NO_DISK : createSpaceGuard(file.path, disk)
      return { file, queue, epoch, space, recent, indexing }
    } catch (error) {
      file.close()
      throw error
    }
  }

  const closeSession = async ({ file, queue }: Session): Promise<void> => {
    queue.flush()
    await file.reading.close()
    file.close()
  }

  return {
    async open(now) {
      try {
        session ??= openSession(now)
      } catch (error) {
        throw unavailable(path, 'cannot be opened', error)
      }
    },

    register: (connectors) => write((db) => register(db, connectors)),
    async append(accepts) {
      const { space, recent } = mustBeOpen()
      space.beforeAccept()
      return write((db, epoch) => accepts.map((each) => accept(db, recent, epoch, each)))
    },
    claim: (connector, now, limit) => write((db, epoch) => claim(db, epoch, { connector, now, limit })),
    claimIdle: (connector, now, limit) =>
      write((db, epoch) => claimIdle(db, epoch, { connector, now, limit })),
    begin: (runs, mark) => write((db, epoch) => runs.forEach((run) => begin(db, epoch, run, mark))),
    settle: (settlements) => write((db, epoch) => settlements.map((each) => settle(db, epoch, each))),
    release: (runs, due) => write((db, epoch) => runs.forEach((run) => release(db, epoch, run, due))),
    note: (delivery, attempt) => write((db) => note(db, delivery, attempt)),
    changeGate: (change) => write((db) => changeGate(db, change)),

    connectors: () => read(allConnectors),
    rename: (connector, name) => write((db) => rename(db, connector, name)),

    async retry(selection, now) {
      if ('delivery' in selection) return write((db) => retryOne(db, selection, now))
      const rows: Row[] = []
      await inSlices((after) => write((db) => retrySlice(db, selection, { now, after, rows })))
      return retriedOf(rows)
    },

    backfill: (connector, period) =>
      missingOf(connector, period, async (each, after) => {
        mustBeOpen().space.check()
        return write((db) => backfillSlice(db, each, after))
      }),
    countMissing: (connector, period) =>
      missingOf(connector, period, (each, after) => mustBeOpen().file.reading.countSlice(each, after)),

    async drop(name, now) {
      let dropped = 0
      await inSlices(async (after) => {
        const slice = await write((db) => dropSlice(db, name, { now, after }))
        dropped += slice.count
        return slice
      })
      return dropped
    },

    forget: (user, now) => write((db) => forget(db, user, now)),

    async purge() {
      const { reading } = mustBeOpen().file
      // The WAL holds what was written before.
      for (let tries = 0; tries < TRIES_TO_EMPTY; tries += 1) if (await reading.emptyWal()) return
      throw new OnSignupError(
        'store_unavailable',
        `the store ${path} still holds what was forgotten: another program reads it`,
        { mend: 'close that program, then forget the user once more' },
      )
    },

    async erase(before, stop) {
      let erased = 0
      const add = (count: number) => {
        erased += count
      }
      // The ledger must know what is deleted.
      await mustBeOpen().indexing.all()
      await inSlices((after) => write((db) => eraseSlice(db, { before, after }, add)), stop)
      return erased
    },

    async probe() {
      mustBeOpen().space.check()
      await write((db) => db.run(SQL.probe))
    },

    held: () => read(held),

    nextDue: (connector) => read((db) => integerOrNull(db.get(SQL.nextDue, connector) ?? {}, 'due')),

    countDue: (connector, now, limit) =>
      read((db) => integer(db.get(SQL.countDue, connector, now, limit) ?? {}, 'due')),

    recall: ({ name, uses }, key) =>
      read((db) => textOrNull(db.get(SQL.recall, name, uses, key) ?? { value: null }, 'value')),
    keep: ({ name, uses }, key, value) =>
      write((db) =>
        value === null ? db.run(SQL.keepNothing, name, uses, key) : db.run(SQL.keep, name, uses, key, value),
      ).then(() => {}),

    keepRefused: (refused) => write((db) => keepRefused(db, refused)),
    listRefused: (query) => read((db) => listRefused(db, query)),
    dropRefused: (which) => write((db) => dropRefused(db, which)),

    event: async (id) => mustBeOpen().file.reading.event(id),
    deliveries: async (query, now) => mustBeOpen().file.reading.deliveries(query, now),

    async close() {
      const open = session
      session = null
      if (open !== null) closed = closeSession(open)
      // Whoever closes it again waits as well.
      await closed
    },
  }
}
