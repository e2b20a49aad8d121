import {
  delivered,
  Failure,
  type Attempt,
  type BatchHook,
  type Hook,
  type Outcome,
  type RegistrationEvent,
} from '@onsignup/core'
import type { Destination } from './destination.ts'
import { digestMessage, lineOf, type Draft } from './digest.ts'
import { UNLISTED_TRIES } from './errors.ts'
import type { Found } from './history.ts'
import { markOf } from './marks.ts'
import { messageText, type MakeMessage, type Message } from './message.ts'

type Item = Attempt & { readonly event: RegistrationEvent }

/** What is sent for an item: its message, and what the history is to say beside where it is. */
interface Ready extends Draft {
  readonly item: Item
  readonly told: string
}

const toldOf = ({ doubt }: Found): string =>
  doubt === null
    ? ', sent again: an earlier try had not arrived'
    : `, sent again without knowing whether an earlier try had arrived: ${doubt}`

const foundAt = (place: string): Outcome =>
  delivered(`${place}, found there: an earlier try had arrived, and nothing was sent again`)

/** Posts a message for each delivery, or one for many, and looks first for those whose answer was lost. */
export const createDeliver = (
  makeMessage: MakeMessage,
  to: Pick<Destination, 'post' | 'look' | 'nameOf'>,
): { readonly one: Hook; readonly many: BatchHook } => {
  const send = async (
    message: Message,
    signal: AbortSignal,
    ready: readonly Ready[],
    more: string,
  ): Promise<Outcome> => {
    for (const { item, message: own } of ready) {
      // A digest has lines of others too, which come and go with who is in it.
      const told = own === message ? own : { channel: own.channel, text: lineOf(own) }
      item.sending?.(messageText(told))
    }
    const isLastTry = ready.some(({ item }) => item.attempt >= UNLISTED_TRIES)
    const place = await to.post(message, signal, { what: to.nameOf(message), isLastTry })
    return typeof place === 'string' ? delivered(`${place}${more}`) : place
  }

  /** What can be told of each item without sending it, or what is to be sent. */
  const prepare = async (
    items: readonly Item[],
    signal: AbortSignal,
  ): Promise<readonly (Outcome | Ready)[]> => {
    const drafts = items.map((item) => ({ item, message: messageOrFailure(makeMessage, item) }))
    const lost = drafts.flatMap(({ item, message }) =>
      item.afterUnknown && !Failure.is(message) ? [{ item, message }] : [],
    )
    const found = lost.length === 0 ? undefined : await look(lost, signal)
    return drafts.map(({ item, message }) => {
      const { idempotencyKey } = item
      if (Failure.is(message)) return message
      if (found === undefined || !item.afterUnknown) return { item, message, idempotencyKey, told: '' }
      if (Failure.is(found)) return found
      const place = found.places.get(markOf(idempotencyKey))
      if (place !== undefined) return foundAt(place)
      return { item, message, idempotencyKey, told: toldOf(found) }
    })
  }

  const look = (
    lost: readonly { readonly item: Item; readonly message: Message }[],
    signal: AbortSignal,
  ): Promise<Found | Failure> =>
    to.look(
      {
        channel: lost[0]?.message.channel,
        marks: lost.map(({ item }) => markOf(item.idempotencyKey)),
        since: Math.min(...lost.map(({ item }) => Date.parse(item.event.receivedAt))),
      },
      signal,
    )

  const many: BatchHook = async (items, { signal }) => {
    const prepared = await prepare(items, signal)
    const ready = prepared.filter(isReady)
    const [only] = ready
    if (only === undefined) return prepared.flatMap((one) => (isReady(one) ? [] : [one]))
    const isDigest = ready.length > 1
    const message = isDigest ? digestMessage(ready) : only.message
    const together = isDigest ? ` with ${ready.length} sign-ups in one message` : ''
    const outcome = await send(message, signal, ready, together)
    // Thrown, so that the one that Slack refuses is found among them.
    if (Failure.is(outcome) && outcome.kind === 'rejected') throw outcome
    return prepared.map((one) => (isReady(one) ? withTold(outcome, one.told) : one))
  }

  return {
    many,
    async one(event, run) {
      const [ready] = await prepare([{ ...run, event }], run.signal)
      if (ready === undefined || !isReady(ready)) return ready
      return send(ready.message, run.signal, [ready], ready.told)
    },
  }
}

const isReady = (prepared: Outcome | Ready): prepared is Ready => 'item' in prepared

const withTold = (outcome: Outcome, told: string): Outcome =>
  Failure.is(outcome) || outcome.kind === 'skipped' ? outcome : delivered(`${outcome.detail ?? ''}${told}`)

const messageOrFailure = (makeMessage: MakeMessage, { event, idempotencyKey }: Item): Message | Failure => {
  try {
    return makeMessage(event, idempotencyKey)
  } catch (error) {
    if (Failure.is(error)) return error
    throw error
  }
}
