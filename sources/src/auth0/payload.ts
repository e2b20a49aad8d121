import type { Found, Reading, Refusal, Unreadable } from '../contract.ts'
import { isObject, parsed, withoutSecrets, type JsonObject } from '../json.ts'
import { isActionEvent, readActionEvent } from './action.ts'
import { isStreamEvent, readStreamEvent } from './event-stream.ts'
import { unreadable, type Item, type Settings } from './item.ts'
import { isLogRecord, readLogRecord } from './log-stream.ts'

/** A line that is not JSON, so that it can be told from a text that is. */
class Line {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** JSON Lines; undefined when not one line is JSON. */
const linesOf = (source: string): readonly unknown[] | undefined => {
  const things = source
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parsed(line) ?? new Line(line))
  return things.every((thing) => thing instanceof Line) ? undefined : things
}

/** The four forms that Auth0 sends: one object, an array, `{ logs: […] }`, and one object a line. */
const thingsOf = (source: string): readonly unknown[] | undefined => {
  const whole = parsed(source)
  if (whole === undefined) return linesOf(source)
  if (Array.isArray(whole)) return whole
  return isObject(whole) && Array.isArray(whole['logs']) ? whole['logs'] : [whole]
}

const readerOf = (thing: JsonObject): ((thing: JsonObject, settings: Settings) => Item) | undefined => {
  if (isStreamEvent(thing)) return readStreamEvent
  if (isLogRecord(thing)) return readLogRecord
  return isActionEvent(thing) ? readActionEvent : undefined
}

const itemOf = (thing: unknown, settings: Settings): Item => {
  if (thing instanceof Line) return unreadable(null, 'the line is not JSON')
  const reader = isObject(thing) ? readerOf(thing) : undefined
  return isObject(thing) && reader !== undefined
    ? reader(thing, settings)
    : unreadable(null, "it is no event of an Event Stream, no log record and no Action's event")
}

/** Reads whatever Auth0 sends, by its form: the type of the content is the operator's to choose. */
export const readPayload = (body: Uint8Array, settings: Settings): Reading | Refusal => {
  // Without its byte order mark, and what is not UTF-8 replaced.
  const things = thingsOf(new TextDecoder().decode(body))
  if (things === undefined) {
    return {
      kind: 'refused',
      status: 400,
      code: 'invalid_json',
      title: 'the body is neither JSON nor JSON Lines',
    }
  }
  const registrations: Found[] = []
  const unread: Unreadable[] = []
  let ignored = 0
  for (const thing of things) {
    const item = itemOf(thing, settings)
    const payload = thing instanceof Line ? thing.text : withoutSecrets(thing)
    if (item.kind === 'ignored') ignored += 1
    else if (item.kind === 'unreadable') unread.push({ eventId: item.eventId, why: item.why, payload })
    else {
      const { registration } = item
      registrations.push({ registration, eventId: registration.source?.eventId ?? null, payload })
    }
  }
  return { kind: 'read', registrations, ignored, unreadable: unread }
}
