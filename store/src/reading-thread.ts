import type { RegistrationEvent } from '@onsignup/core'
import type { DeliveryQuery, DeliveryView } from '@onsignup/core/engine'
import { parentPort, workerData } from 'node:worker_threads'
import { countSlice, type Backfill, type SliceOfMissing } from './backfilling.ts'
import { connect } from './connection.ts'
import { unavailable } from './failures.ts'
import { list } from './listing.ts'
import { readEvent } from './reading.ts'

/** What this thread is asked. */
export type Question =
  | { readonly ask: 'event'; readonly id: string }
  | { readonly ask: 'deliveries'; readonly query: DeliveryQuery; readonly now: number }
  | { readonly ask: 'missing'; readonly backfill: Backfill; readonly after: number }
  | { readonly ask: 'checkpoint' }
  | { readonly ask: 'empty WAL' }

export type Answer =
  | { readonly kind: 'event'; readonly event: RegistrationEvent | null }
  | { readonly kind: 'deliveries'; readonly deliveries: readonly DeliveryView[] }
  | { readonly kind: 'missing'; readonly slice: SliceOfMissing }
  | { readonly kind: 'done' }
  | { readonly kind: 'WAL'; readonly isEmpty: boolean }
  | {
      readonly kind: 'failed'
      readonly message: string
      readonly mend: string | undefined
      readonly cause: unknown
    }

/** `null`: close. */
export type ToThread = { readonly n: number; readonly question: Question } | null
export interface FromThread {
  readonly n: number
  readonly answer: Answer
}

const path = String(workerData)
const reader = connect(path, { readOnly: true })
// A read-only connection may not write into the main file.
const keeper = connect(path)

const answerTo = (question: Question): Answer => {
  switch (question.ask) {
    case 'event':
      return { kind: 'event', event: readEvent(reader, path, question.id) }
    case 'deliveries':
      return { kind: 'deliveries', deliveries: list(reader, question.query, question.now) }
    case 'missing':
      return { kind: 'missing', slice: countSlice(reader, question.backfill, question.after) }
    case 'checkpoint':
      keeper.pragma('wal_checkpoint(PASSIVE)')
      return { kind: 'done' }
    case 'empty WAL':
      // The second one keeps the writer waiting, and finds little left to move.
      keeper.pragma('wal_checkpoint(PASSIVE)')
      return { kind: 'WAL', isEmpty: keeper.pragma('wal_checkpoint(TRUNCATE)') === 0 }
  }
}

const tried = (question: Question): Answer => {
  try {
    return answerTo(question)
  } catch (error) {
    const { message, mend, cause } = unavailable(path, 'cannot be read', error)
    return { kind: 'failed', message, mend, cause }
  }
}

parentPort?.on('message', (asked: ToThread) => {
  if (asked !== null) {
    const answered: FromThread = { n: asked.n, answer: tried(asked.question) }
    parentPort?.postMessage(answered)
    return
  }
  reader.close()
  keeper.close()
  parentPort?.close()
})
