import { PublishError, type Logger } from '@onsignup/core'
import type { Published, Refused, RegistrationBus, Store } from '@onsignup/core/engine'
import type { Acceptance, Endpoint, Found, Head, Reading, Refusal } from '@onsignup/sources'
import type { Metrics } from '../metrics.ts'
import { Body } from './body.ts'
import { failureOf } from './failure.ts'
import { leaveOut, leaveOutMetadata } from './leave-out.ts'
import { problemAnswer, ProblemError, type Answer } from './problem.ts'

export interface ReceiverPorts {
  readonly bus: Pick<RegistrationBus, 'publish'>
  readonly store: Pick<Store, 'keepRefused'>
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'received'>
  readonly now: () => number
}

export interface Receiver {
  /** Answers a request of an identity provider; `read` gives the body every chunk that comes. */
  receive(head: Head, read: (body: Body) => Promise<void>): Promise<Answer>
  /** Tries what was refused once more, given as JSON; undefined when it is taken now, or why it is not. */
  again(payload: string): Promise<string | undefined>
}

/** Whoever sends wrong credentials does so many times a second, and the log is for the operator. */
const WARN_EVERY = 60_000

/** Of an answer before which the body was not read: what is left of it takes the connection down, a proxy's too. */
const UNREAD = { Connection: 'close' }

const defaultAnswer = (came: Acceptance | Refusal): Answer => {
  if (came.kind === 'refused') {
    const { kind: _, headers = {}, ...details } = came
    return problemAnswer(details, headers)
  }
  const { events, ignored, refused } = came
  return {
    status: events.length > 0 ? 202 : 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ events, ignored, refused }),
  }
}

const refusalOf = ({ details, headers }: ProblemError): Refusal => ({ kind: 'refused', ...details, headers })

const readAll = async (read: (body: Body) => Promise<void>, largest: number): Promise<Uint8Array> => {
  const body = new Body(largest)
  try {
    await read(body)
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause
    throw new ProblemError({ status: 400, code: 'body_cut', title: 'the body did not come to its end' })
  }
  return body.bytes()
}

/** What became of a registration: published, or refused for what is in it. Other failures are ours, and thrown. */
type Tried = Published | PublishError

/** What became of all that was read in a body. */
interface Outcome {
  readonly events: readonly Published[]
  readonly refused: readonly Refused[]
}

const tryToPublish = async (bus: ReceiverPorts['bus'], registration: unknown): Promise<Tried> => {
  try {
    return await bus.publish(registration)
  } catch (error) {
    const isItsOwn =
      error instanceof PublishError && ['invalid', 'too_large', 'conflict'].includes(error.code)
    if (isItsOwn) return error
    throw error
  }
}

/** Serves one endpoint of a source; answers only when all that it took is durable. */
export const createReceiver = (endpoint: Endpoint, ports: ReceiverPorts): Receiver => {
  const { bus, store, logger, metrics, now } = ports
  const { path } = endpoint
  let warnedAt = Number.NEGATIVE_INFINITY

  const deny = (refusal: Refusal): Refusal => {
    metrics.received(path, 'denied')
    if (now() - warnedAt >= WARN_EVERY) {
      warnedAt = now()
      logger.warn({ path, code: refusal.code }, 'a request was turned away')
    }
    return refusal
  }

  /** Who has registered has done so, whatever else is said of them, and whatever they wrote into their own metadata. */
  const publish = async (registration: unknown): Promise<Tried> => {
    const whole = await tryToPublish(bus, registration)
    if (!(whole instanceof PublishError) || whole.code === 'conflict') return whole
    const readable = leaveOut(registration, whole.problems)
    const rest = readable === undefined ? whole : await tryToPublish(bus, readable)
    const bare =
      rest instanceof PublishError
        ? await tryToPublish(bus, leaveOutMetadata(readable ?? registration))
        : rest
    if (bare instanceof PublishError) return whole
    const left = bare === rest ? whole.problems.map(({ path: member }) => member).join(', ') : 'its metadata'
    logger.warn({ path, event: bare.id, code: whole.code }, `a registration was taken without ${left}`)
    return bare
  }

  const refuse = ({ eventId, payload }: Omit<Found, 'registration'>, why: string): Refused => ({
    path,
    at: now(),
    eventId,
    why,
    payload: JSON.stringify(payload) ?? 'null',
  })

  const publishAll = async ({ registrations, unreadable }: Reading): Promise<Outcome> => {
    const tried = await Promise.all(
      registrations.map(async (found) => ({ found, came: await publish(found.registration) })),
    )
    return {
      events: tried.flatMap(({ came }) => (came instanceof PublishError ? [] : [came])),
      refused: [
        ...unreadable.map((each) => refuse(each, each.why)),
        ...tried.flatMap(({ found, came }) =>
          came instanceof PublishError ? [refuse(found, came.message)] : [],
        ),
      ],
    }
  }

  const take = async (reading: Reading): Promise<Acceptance> => {
    const { events, refused } = await publishAll(reading)
    const { ignored } = reading
    // Kept before it is answered: nobody sends again what was taken.
    if (refused.length > 0) await store.keepRefused(refused)
    for (const { eventId, why } of refused) {
      logger.error({ path, eventId, why }, 'a registration was refused, and is kept: see onsignup refused')
    }
    for (const { duplicate } of events) metrics.received(path, duplicate ? 'duplicate' : 'accepted')
    metrics.received(path, 'ignored', ignored)
    metrics.received(path, 'refused', refused.length)
    return { kind: 'taken', events, ignored, refused: refused.length }
  }

  const receive = async (head: Head, read: (body: Body) => Promise<void>): Promise<Acceptance | Refusal> => {
    if (!endpoint.methods.includes(head.method)) {
      const Allow = endpoint.methods.join(', ')
      return {
        kind: 'refused',
        status: 405,
        code: 'method_not_allowed',
        title: `${path} takes ${Allow}`,
        headers: { Allow, ...UNREAD },
      }
    }
    const denied = endpoint.admit(head)
    if (denied !== undefined) return deny({ ...denied, headers: { ...denied.headers, ...UNREAD } })
    const reading = endpoint.read({ ...head, body: await readAll(read, endpoint.largestBody) })
    if (reading.kind === 'read') return take(reading)
    return reading.status === 401 ? deny(reading) : reading
  }

  const answer = (came: Acceptance | Refusal): Answer => endpoint.answer?.(came) ?? defaultAnswer(came)

  return {
    async receive(head, read) {
      try {
        return answer(await receive(head, read))
      } catch (error) {
        return answer(refusalOf(failureOf(error, path, logger)))
      }
    },

    async again(payload) {
      const reading = endpoint.read({ method: 'POST', header: () => undefined, body: Buffer.from(payload) })
      if (reading.kind === 'refused') return reading.title
      const { refused } = await publishAll(reading)
      return refused[0]?.why
    },
  }
}
