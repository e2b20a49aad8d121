import { OnSignupError, type RegistrationEvent } from '@onsignup/core'
import type { DeliveryQuery, DeliveryView } from '@onsignup/core/engine'
import { countSlice, type Backfill, type SliceOfMissing } from './backfilling.ts'
import { readBody } from './body.ts'
import { text } from './columns.ts'
import type { Connection } from './connection.ts'
import { unavailable } from './failures.ts'
import { list } from './listing.ts'
import { SQL } from './statements.ts'

/** What people ask of a store. Rejects with `store_unavailable`. */
export interface Reading {
  event(id: string): Promise<RegistrationEvent | null>
  deliveries(query: DeliveryQuery, now: number): Promise<readonly DeliveryView[]>
  countSlice(backfill: Backfill, after: number): Promise<SliceOfMissing>
  /** Moves what is committed from the WAL to the main file, as far as nobody reads it there. */
  checkpoint(): Promise<void>
  /** Moves all of it and leaves the WAL empty; tells whether nobody was in the way. */
  emptyWal(): Promise<boolean>
  close(): Promise<void>
}

export const readEvent = (db: Connection, path: string, id: string): RegistrationEvent | null => {
  const row = db.get(SQL.event, id, id)
  if (!row) return null
  const event = readBody(text(row, 'body'))
  if (event) return event
  throw new OnSignupError('store_unavailable', `the event ${id} in the store ${path} cannot be read`, {
    mend: 'restore the file from a backup',
  })
}

/** Reads in this thread, from the writer's own connection: for a store in memory, which no other can see. */
export const readingFrom = (db: Connection, path: string): Reading => {
  const read = async <T>(work: () => T): Promise<T> => {
    try {
      return work()
    } catch (error) {
      throw unavailable(path, 'cannot be read', error)
    }
  }
  return {
    event: (id) => read(() => readEvent(db, path, id)),
    deliveries: (query, now) => read(() => list(db, query, now)),
    countSlice: (backfill, after) => read(() => countSlice(db, backfill, after)),
    async checkpoint() {},
    emptyWal: async () => true,
    async close() {},
  }
}
