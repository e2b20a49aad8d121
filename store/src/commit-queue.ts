import type { Connection } from './connection.ts'
import { isDataError } from './failures.ts'

interface Member {
  /** Does the work; the returned function tells the caller, once it is committed. */
  readonly run: () => () => void
  readonly reject: (error: unknown) => void
}

/**
 * Commits the work of all calls made in one turn of the event loop together, in order: one wait for the disk
 * instead of one each. Work whose own values are at fault is taken out alone; anything else that fails, the commit
 * included, fails all of it.
 */
export interface CommitQueue {
  /** Resolves when the work is durable; rejects with what `describe` makes of the error. */
  add<T>(work: () => T): Promise<T>
  /** Commits at once what waits. */
  flush(): void
}

/** What work changes in memory, to be undone when its transaction is. */
export interface Memory {
  /** A place to roll back to. */
  mark(): number
  rollBackTo(mark: number): void
  commit(): void
}

const NO_MEMORY: Memory = { mark: () => 0, rollBackTo() {}, commit() {} }

export interface CommitQueueOptions {
  readonly memory?: Memory
  /** Told how many calls each commit made durable. */
  readonly committed?: (calls: number) => void
}

export const createCommitQueue = (
  db: Connection,
  describe: (error: unknown) => Error,
  { memory = NO_MEMORY, committed = () => {} }: CommitQueueOptions = {},
): CommitQueue => {
  let waiting: Member[] = []

  const undoing = <T>(work: () => T): T => {
    const mark = memory.mark()
    try {
      return work()
    } catch (error) {
      memory.rollBackTo(mark)
      throw error
    }
  }

  const runAlone = (member: Member): (() => void) => {
    db.run('SAVEPOINT member')
    try {
      const resolve = undoing(member.run)
      db.run('RELEASE member')
      return resolve
    } catch (error) {
      if (!db.inTransaction || !isDataError(error)) throw error
      db.run('ROLLBACK TO member')
      db.run('RELEASE member')
      return () => member.reject(describe(error))
    }
  }

  /** All of them together, and only if one of them is at fault, each apart from the others. */
  const runAll = (members: readonly Member[]): readonly (() => void)[] => {
    try {
      return undoing(() => db.transact(() => members.map((member) => member.run())))
    } catch (error) {
      if (members.length === 1 || !isDataError(error)) throw error
      return undoing(() => db.transact(() => members.map((member) => runAlone(member))))
    }
  }

  const flush = (): void => {
    const members = waiting
    if (members.length === 0) return
    waiting = []
    try {
      const answers = runAll(members)
      memory.commit()
      for (const answer of answers) answer()
      committed(members.length)
    } catch (error) {
      for (const { reject } of members) reject(describe(error))
    }
  }

  return {
    add: (work) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush)
        const run = () => {
          const result = work()
          return () => resolve(result)
        }
        waiting.push({ run, reject })
      }),
    flush,
  }
}
