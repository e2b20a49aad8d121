import type { AttemptRecord } from './port.ts'

/**
 * The rows of a delivery's history whose attempt sent another body than the last one before it that told of its own,
 * under the same idempotency key: the far side may take both for the same.
 */
export const anotherBody = (history: readonly AttemptRecord[]): ReadonlySet<AttemptRecord> => {
  const another = new Set<AttemptRecord>()
  let before: string | undefined
  // What came late of a run is a row of its own, which may stand after those of later runs.
  for (const rows of Map.groupBy(history, ({ run }) => run).values()) {
    for (const row of rows) {
      if (row.sent !== undefined && before !== undefined && row.sent !== before) another.add(row)
    }
    // After a delivery there is a next run only with a new key; a late `delivered` is no row alone.
    const isLastOfKey = rows.every(({ outcome }) => outcome === 'delivered')
    before = isLastOfKey ? undefined : (rows.findLast(({ sent }) => sent !== undefined)?.sent ?? before)
  }
  return another
}
