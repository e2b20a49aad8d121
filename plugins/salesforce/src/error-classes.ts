import { formatDuration, type ErrorClass } from '@onsignup/core'
import { ROWS, UNLISTED, type Row } from './codes.ts'

const notesOf = ({ verdict, says, about, after, tries, ends, option }: Row): readonly string[] => [
  ...(says === undefined ? [] : [`if the message says \`${says.source}\``]),
  ...(about === 'external id' ? ['if it is the external id that is taken'] : []),
  ...(about === 'unmapped field' ? ['if the field is not mapped'] : []),
  ...(verdict === 'lost' ? ['with `operation: upsert` it is tried again'] : []),
  ...(after === undefined ? [] : [`after ${formatDuration(after)}, unless Salesforce says when`]),
  ...(tries === undefined ? [] : [`${ends === 'rejected' ? 'rejected' : 'parked'} after ${tries} tries`]),
  ...(option === undefined ? [] : [`rejected with \`${option}: reject\``]),
]

const nameOf = ({ source }: RegExp): string => (source === '.' ? 'any code' : `/${source}/`)

const classOf = (row: Row): ErrorClass => {
  const { codes, verdict, mend } = row
  const notes = notesOf(row)
  return {
    signals: codes.map((code) => (code instanceof RegExp ? nameOf(code) : code)),
    kind: verdict === 'lost' ? 'unknown' : verdict,
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
    ...(mend === undefined ? {} : { mend }),
  }
}

/** Every signal of Salesforce that is known, and what it means here; the first that fits counts. */
export const errorClasses: readonly ErrorClass[] = [
  ...ROWS.map(classOf),
  { ...classOf(UNLISTED), signals: ['another code'] },
]
