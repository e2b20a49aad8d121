import type { Clock } from '@onsignup/core'
import type { ScriptProcess } from './process.ts'

/** A process that is idle longer is ended. Milliseconds. */
const LONGEST_IDLE = 60_000

/** Runs after which a process is replaced, so that what no look at it finds, as a file left open, does not add up. */
const MOST_RUNS = 2_000

/** The processes of one connector: each does one run at a time. */
export interface Pool {
  /** One that waits, or a new one; undefined when the pool is closed. */
  take(): ScriptProcess | undefined
  /** Gives one back; it waits for the next run, or is ended when it is not as it was before. */
  give(process: ScriptProcess, isClean: boolean): void
  /** How many processes there are. */
  readonly size: number
  /** Ends all; resolves when they are gone. */
  close(): Promise<void>
}

/** A pool that starts processes on demand; there are as many as runs at a time, which the engine limits. */
export const createPool = (start: () => ScriptProcess, clock: Clock, reuse: boolean): Pool => {
  const all = new Set<ScriptProcess>()
  const idle: { readonly process: ScriptProcess; readonly cancel: () => void }[] = []
  let closed = false

  const remove = (process: ScriptProcess): void => {
    all.delete(process)
    const index = idle.findIndex((waiting) => waiting.process === process)
    for (const { cancel } of index < 0 ? [] : idle.splice(index, 1)) cancel()
  }

  return {
    take() {
      if (closed) return undefined
      // The one that waited least: the others are more likely to end.
      const waiting = idle.pop()
      if (waiting !== undefined) {
        waiting.cancel()
        waiting.process.rest(false)
        return waiting.process
      }
      const process = start()
      all.add(process)
      process.exited.then(
        () => remove(process),
        () => {},
      )
      return process
    },
    give(process, isClean) {
      process.ignore()
      if (!all.has(process)) return
      if (closed || !isClean || !reuse || process.runs >= MOST_RUNS) return process.kill()
      process.rest(true)
      const cancel = clock.after(LONGEST_IDLE, () => process.kill())
      idle.push({ process, cancel })
    },
    get size() {
      return all.size
    },
    async close() {
      closed = true
      const gone = [...all].map(({ exited }) => exited)
      for (const process of all) {
        process.rest(false)
        process.kill()
      }
      await Promise.all(gone)
    },
  }
}
