import type { RunRef, Store } from '@onsignup/core/engine'
import type { Ledger } from './ledger.ts'

export type Fault = 'refused' | 'answer lost'

/** What stands between one generation of the engine and its store. */
export interface Faults {
  /** False once the process is gone: what it asks then is never answered. */
  alive: boolean
  /** Of the next write. */
  next: Fault | null
}

const never = <T>(): Promise<T> => new Promise<T>(() => {})

const idsOf = (runs: readonly RunRef[]): readonly number[] => runs.map(({ delivery }) => delivery)

/** The store as a process sees it that may end at any call, and whose disk may refuse one or lose its answer. */
export const faultyStore = (
  store: Store,
  faults: Faults,
  ledger: Ledger,
  nameOf: (row: number) => string,
): Store => {
  const read = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (!faults.alive) return never()
    const answer = await ask()
    return faults.alive ? answer : never()
  }
  /** `committed` sees what is in the store, whether or not the process hears of it. */
  const write = async <T>(ask: () => Promise<T>, committed: (answer: T) => void = () => {}): Promise<T> => {
    if (!faults.alive) return never()
    const fault = faults.next
    faults.next = null
    if (fault === 'refused') throw new Error('the disk refuses')
    const answer = await ask()
    committed(answer)
    if (!faults.alive) return never()
    if (fault === 'answer lost') throw new Error('the answer was lost')
    return answer
  }
  return {
    ...store,
    append: (accepts) =>
      write(
        () => store.append(accepts),
        (all) => {
          for (const [index, accepted] of all.entries()) {
            if (accepted.kind !== 'accepted') continue
            const event = accepts[index]?.event
            if (event !== undefined) ledger.stored(event.id)
            for (const claim of accepted.held) ledger.handedOut(claim, nameOf(claim.connector))
          }
        },
      ),
    claim: (row, now, limit) =>
      write(
        () => store.claim(row, now, limit),
        (claims) => {
          for (const claim of claims) ledger.handedOut(claim, nameOf(row))
        },
      ),
    claimIdle: (row, now, limit) =>
      write(
        () => store.claimIdle(row, now, limit),
        (claims) => {
          for (const claim of claims) ledger.handedOut(claim, nameOf(row))
        },
      ),
    settle: (settlements) =>
      write(
        () => store.settle(settlements),
        (current) => {
          for (const [index, settlement] of settlements.entries()) {
            if (current[index] === true) ledger.settled(settlement)
          }
        },
      ),
    retry: (selection, now) =>
      write(
        () => store.retry(selection, now),
        (retried) => {
          if (retried.kind === 'retried') for (const id of retried.deliveries) ledger.forced(id)
        },
      ),
    begin: (runs, mark) =>
      write(
        () => store.begin(runs, mark),
        () => {
          if (mark === 'alone') ledger.setBegunAlone(idsOf(runs), true)
        },
      ),
    release: (runs, due) =>
      write(
        () => store.release(runs, due),
        () => ledger.setBegunAlone(idsOf(runs), false),
      ),
    note: (...args) => write(() => store.note(...args)),
    changeGate: (...args) => write(() => store.changeGate(...args)),
    backfill: (...args) => write(() => store.backfill(...args)),
    forget: (...args) =>
      write(
        () => store.forget(...args),
        ({ deliveries }) => ledger.cutOff(deliveries),
      ),
    // In the time of a thread of its own, which no walk could repeat; what is left in files is a test of the store.
    purge: () => read(async () => {}),
    recall: (...args) => read(() => store.recall(...args)),
    keep: (...args) => write(() => store.keep(...args)),
    keepRefused: (...args) => write(() => store.keepRefused(...args)),
    listRefused: (...args) => read(() => store.listRefused(...args)),
    dropRefused: (...args) => write(() => store.dropRefused(...args)),
    held: () => read(() => store.held()),
    nextDue: (...args) => read(() => store.nextDue(...args)),
    countDue: (...args) => read(() => store.countDue(...args)),
    // A process that is gone closes nothing; the walk closes the file in its place.
    close: () => (faults.alive ? store.close() : never()),
  }
}
