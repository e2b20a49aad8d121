import { randomUUID } from 'node:crypto'
import type { Dispatcher } from './dispatcher/dispatcher.ts'
import { OnSignupError, PublishError } from './errors.ts'
import { deepFreeze } from './event/freeze.ts'
import { normalise } from './event/normalise.ts'
import type { RegistrationEvent } from './event/schema.ts'
import type { EventHub } from './events.ts'
import type { Clock } from './ports.ts'
import type { ConnectorRegistry } from './registry.ts'
import type { Accept, Accepted, Birth, Store } from './store/port.ts'

/** A larger event is refused, in code and over HTTP. Bytes of JSON. */
export const LARGEST_EVENT = 256 * 1_024

const TIMEOUT = 5_000

/** The event's id, and whether it had been accepted before. */
export interface Published {
  readonly id: string
  readonly duplicate: boolean
}

export interface BusPorts {
  readonly store: Store
  readonly connectors: ConnectorRegistry
  readonly dispatcher: Pick<Dispatcher, 'holds' | 'take' | 'doubt'>
  readonly events: EventHub
  readonly clock: Clock
}

/** Takes registrations in: durable when `publish` resolves, and never waiting for a connector. */
export class RegistrationBus {
  readonly #ports: BusPorts
  #closed = false

  constructor(ports: BusPorts) {
    this.#ports = ports
  }

  /** Takes a RegistrationInput from anywhere. Rejects with PublishError only: invalid, too_large, conflict, store_unavailable, timeout, closed. */
  async publish(input: unknown): Promise<Published> {
    if (this.#closed) {
      throw new PublishError('closed', 'the engine is stopping and takes no events', {
        mend: 'publish again later',
      })
    }
    const { clock } = this.#ports
    const { event, keys } = normalise(input, clock.now(), randomUUID)
    const body = JSON.stringify(event)
    checkSize(body)
    const accept = { event: deepFreeze(event), body, keys, deliveries: this.#birthsOf(event) }
    const accepted = await this.#inTime(this.#store(accept))
    if (accepted.kind === 'conflict') {
      throw new PublishError('conflict', `the event id ${event.source.eventId} is that of another user`, {
        mend: 'give each event an id of its own',
      })
    }
    return { id: accepted.id, duplicate: accepted.kind === 'duplicate' }
  }

  close(): void {
    this.#closed = true
  }

  /** Goes on when nobody waits for it any more: what is stored late is delivered like any other. */
  async #store(accept: Accept): Promise<Accepted> {
    const { dispatcher, events, connectors } = this.#ports
    const [accepted] = await this.#append(accept)
    if (accepted === undefined) throw new Error('the store answered for no event')
    if (accepted.kind === 'accepted') {
      const { historical } = accept.event.source
      events.emit('accepted', {
        event: accepted.id,
        connectors: historical ? [] : connectors.all().map(({ configured }) => configured.name),
      })
      dispatcher.take(accepted.held)
    }
    return accepted
  }

  async #append(accept: Accept): Promise<readonly Accepted[]> {
    try {
      return await this.#ports.store.append([accept])
    } catch (error) {
      this.#ports.dispatcher.doubt()
      throw error
    }
  }

  #birthsOf(event: RegistrationEvent): readonly Birth[] {
    const { connectors, dispatcher } = this.#ports
    // Only a backfill, which asks first, gives it to anybody.
    if (event.source.historical) return []
    return connectors.all().map(({ configured, row }): Birth => {
      const isSkipped = event.source.test && configured.settings.on_test === 'skip'
      return isSkipped
        ? { connector: row.id, skipped: 'a test event of the provider' }
        : { connector: row.id, skipped: null, hold: dispatcher.holds(row.id) }
    })
  }

  async #inTime(storing: Promise<Accepted>): Promise<Accepted> {
    const late = Promise.withResolvers<never>()
    const cancel = this.#ports.clock.after(TIMEOUT, () =>
      late.reject(
        new PublishError(
          'timeout',
          `the store did not answer within ${TIMEOUT / 1_000} s; it may be stored`,
          {
            mend: 'publish it again: a repeat is recognised',
          },
        ),
      ),
    )
    try {
      return await Promise.race([storing, late.promise])
    } catch (error) {
      if (error instanceof PublishError) throw error
      throw new PublishError('store_unavailable', 'the store cannot write', {
        mend: (error instanceof OnSignupError && error.mend) || 'see the log, then publish it again',
        cause: error,
      })
    } finally {
      cancel()
    }
  }
}

const checkSize = (body: string): void => {
  const bytes = Buffer.byteLength(body)
  if (bytes > LARGEST_EVENT) {
    throw new PublishError('too_large', `the event is ${bytes} bytes, more than ${LARGEST_EVENT}`, {
      mend: 'leave out metadata that no connector reads',
    })
  }
}
