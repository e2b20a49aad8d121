import type { Entry } from '../faults/kills/books.ts'
import type { Ledger } from './ledger.ts'

/** Compares what the store's file says at the end of a walk with what everybody saw; numbers are those of semantics.md. */
export const judge = (ledger: Ledger, entries: readonly Entry[], events: ReadonlySet<string>): void => {
  for (const event of ledger.acknowledged) {
    if (!events.has(event) && !ledger.erased.has(event))
      ledger.violate(`1: the event ${event} was acknowledged and is not stored`)
  }
  for (const entry of entries) {
    const seen = ledger.deliveries.get(entry.id)
    const of = `${entry.connector}, delivery ${entry.id}`
    if (entry.state === 'open') ledger.violate(`2: it is still open in a calm world: ${of}`)
    if (entry.state === 'unknown' && entry.unknown + entry.lost === 0) {
      ledger.violate(`13: unknown, and nothing in its history says why: ${of}`)
    }
    if (seen === undefined || seen.isCutOff) continue
    if (entry.reason?.startsWith('killed the process') && seen.lossesAlone < 5) {
      ledger.violate(`11: it is dead for ${seen.lossesAlone} losses alone: ${of}`)
    }
    const rows = entry.told + entry.lost
    if (seen.sends.length > rows) {
      ledger.violate(`5: ${seen.sends.length} sends, and ${rows} rows in its history: ${of}`)
    }
    if (entry.state === 'delivered' && !seen.sends.some(({ took }) => took)) {
      ledger.violate(`6: delivered, and the far side took none: ${of}`)
    }
  }
}
