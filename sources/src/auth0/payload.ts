import type { Reading, Refusal } from '../contract.ts'
import { isObject, parsed, type JsonObject } from '../json.ts'
import { isActionEvent, readActionEvent } from './action.ts'
import { isStreamEvent, readStreamEvent } from './event-stream.ts'
import { unreadable, type Item, type Settings } from './item.ts'
import { isLogRecord, readLogRecord } from './log-stream.ts'

/** What is in a body: a thing alone, whose failure is the request's, or a batch, in which each stands for itself. */
interface Contents {
  readonly things: readonly unknown[]
  readonly batch: boolean
}

/** JSON Lines; undefined when not one line is JSON. */
const linesOf = (source: string): Contents | undefined => {
  const things = source
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parsed)
  return things.every((thing) => thing === undefined) ? undefined : { things, batch: true }
}

/** The four forms that Auth0 sends: one object, an array, `{ logs: […] }`, and one object a line. */
const contentsOf = (source: string): Contents | undefined => {
  const whole = parsed(source)
  if (whole === undefined) return linesOf(source)
  if (Array.isArray(whole)) return { things: whole, batch: true }
  if (!isObject(whole)) return { things: [whole], batch: false }
  const { logs } = whole
  if (Array.isArray(logs)) return { things: logs, batch: true }
  return { things: [whole], batch: isLogRecord(whole) }
}

const readerOf = (thing: JsonObject): ((thing: JsonObject, settings: Settings) => Item) | undefined => {
  if (isStreamEvent(thing)) return readStreamEvent
  if (isLogRecord(thing)) return readLogRecord
  return isActionEvent(thing) ? readActionEvent : undefined
}

const itemOf = (thing: unknown, settings: Settings): Item => {
  if (thing === undefined) return unreadable(null, 'the line is not JSON')
  const reader = isObject(thing) ? readerOf(thing) : undefined
  return isObject(thing) && reader !== undefined
    ? reader(thing, settings)
    : unreadable(null, "it is no event of an Event Stream, no log record and no Action's event")
}

/** Reads whatever Auth0 sends, by its form: the type of the content is the operator's to choose. */
export const readPayload = (body: Uint8Array, settings: Settings): Reading | Refusal => {
  // Without its byte order mark, and what is not UTF-8 replaced.
  const contents = contentsOf(new TextDecoder().decode(body))
  if (contents === undefined) {
    return {
      kind: 'refused',
      status: 400,
      code: 'invalid_json',
      title: 'the body is neither JSON nor JSON Lines',
    }
  }
  const items = contents.things.map((thing) => itemOf(thing, settings))
  return {
    kind: 'read',
    registrations: items.flatMap((item) => (item.kind === 'registration' ? [item.registration] : [])),
    ignored: items.filter(({ kind }) => kind === 'ignored').length,
    unreadable: items.flatMap((item) =>
      item.kind === 'unreadable' ? [{ eventId: item.eventId, why: item.why }] : [],
    ),
    batch: contents.batch,
  }
}
