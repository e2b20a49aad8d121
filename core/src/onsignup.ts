import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { RegistrationBus, Published } from './bus.ts'
import { isUsable, type ConnectorSettings, type Usable, type Use } from './connector.ts'
import type { Plugin } from './define-plugin.ts'
import type { Dispatcher } from './dispatcher/dispatcher.ts'
import { OnSignupError, PublishError } from './errors.ts'
import type { RegistrationInput } from './event/normalise.ts'
import { EventHub, type EventName, type Listener } from './events.ts'
import { NAME, NAME_IN_WORDS } from './name.ts'
import type { Logger } from './ports.ts'
import type { Period } from './store/port.ts'

/** The settings that `use` takes, and the options of the plugin that is used. */
export type UseOf<U extends Usable> =
  U extends Plugin<infer S>
    ? ConnectorSettings & { readonly with?: StandardSchemaV1.InferInput<S> }
    : ConnectorSettings

/** A connector as `use` was told of it. */
export interface NamedUse extends Use {
  readonly name: string
  readonly usable: Usable
}

/** An engine that runs. */
export interface Running {
  readonly bus: RegistrationBus
  readonly dispatcher: Dispatcher
  close(): Promise<void>
}

/** What `tryPublish` resolves to. */
export type TriedPublish =
  | ({ readonly ok: true } & Published)
  | { readonly ok: false; readonly error: PublishError }

/** Of whom a backfill is: who registered at or after `since` and before `until`. Default: everybody. */
export interface BackfillPeriod {
  readonly since?: Date
  readonly until?: Date
}

/** The engine in your own program. */
export interface OnSignup {
  /** Adds a connector: a plugin, or a function that is the hook. Throws `started_already` once it runs. */
  use<U extends Usable>(name: string, usable: U, use?: UseOf<U>): this
  /** Listens; the returned function stops listening. A listener that throws breaks nothing. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void
  /** Opens the store and runs what is due; `publish` does it too. Rejects when a connector's options are wrong. */
  start(): Promise<void>
  /** Resolves when the registration is durable; rejects with PublishError only. A repeat is recognised. */
  publish(input: RegistrationInput): Promise<Published>
  /** As `publish`, but never rejects: what a sign-up calls, which must not fail because of us. */
  tryPublish(input: RegistrationInput): Promise<TriedPublish>
  /** Closes a connector's gate until it is resumed, over restarts too; what runs goes on. Rejects with `connector_unknown`. */
  pause(connector: string): Promise<void>
  /** Opens a connector's gate, whether it was paused or parked. Rejects with `connector_unknown`. */
  resume(connector: string): Promise<void>
  /**
   * Gives a connector the stored registrations that it was never given, as those from before it was added, and historical
   * ones. Live ones go first. Resolves to how many; again, to none. Rejects with `connector_unknown`, `period_invalid`,
   * `store_unavailable`: then some may be added, and again adds the others.
   */
  backfill(connector: string, period?: BackfillPeriod): Promise<number>
  /**
   * Takes everything personal of the user with this id or e-mail address out of the store; nothing of that user starts
   * any more. Resolves to the number of events. Rejects with `store_unavailable`.
   */
  forget(user: string): Promise<number>
  /** Finishes or hands back what is in flight. */
  close(): Promise<void>
}

const checkPeriod = ({ since, until }: Period): void => {
  const isTime = [since, until].every((time) => time === null || !Number.isNaN(time))
  if (isTime && (since === null || until === null || since < until)) return
  throw new OnSignupError(
    'period_invalid',
    isTime ? 'since is not before until' : 'since or until is no time',
    {
      mend: 'give valid dates, since before until',
    },
  )
}

/** The code interface over whatever `assemble` makes of the uses; inert until it is first needed. */
export const buildOnSignup = <R extends Running>(
  logger: Logger,
  assemble: (uses: readonly NamedUse[], events: EventHub) => Promise<R>,
): OnSignup & { running(): Promise<R> } => {
  const uses: NamedUse[] = []
  const events = new EventHub(logger)
  let started: Promise<R> | undefined
  let closed = false
  let closing: Promise<void> | undefined

  const running = async (): Promise<R> => {
    if (closed) throw new PublishError('closed', 'the engine is closed', { mend: 'make a new one' })
    started ??= assemble(uses, events).catch((error: unknown) => {
      started = undefined
      throw error
    })
    return started
  }

  const publish = async (input: RegistrationInput): Promise<Published> => {
    let engine: R
    try {
      engine = await running()
    } catch (error) {
      if (error instanceof PublishError) throw error
      throw new PublishError('store_unavailable', 'the engine does not start', {
        mend: 'call start() where your program starts, so that this shows there',
        cause: error,
      })
    }
    return engine.bus.publish(input)
  }

  return {
    use(name: string, usable: Usable, use: Use = {}) {
      if (started !== undefined) {
        throw new OnSignupError('started_already', `use('${name}') after the engine started`, {
          mend: 'call use() before start() and the first publish()',
        })
      }
      if (!NAME.test(name) || !isUsable(usable)) {
        throw new OnSignupError('connector_invalid', `use('${name}'): the name or what is used is invalid`, {
          mend: `a name is ${NAME_IN_WORDS}; what is used is a plugin or a function`,
        })
      }
      if (uses.some((other) => other.name === name)) {
        throw new OnSignupError('connector_duplicate', `two connectors are named ${name}`, {
          mend: 'give one of them another name',
        })
      }
      uses.push({ ...use, name, usable })
      return this
    },
    on: (name, listener) => events.on(name, listener),
    async start() {
      await running()
    },
    publish,
    async tryPublish(input) {
      try {
        return { ok: true, ...(await publish(input)) }
      } catch (error) {
        return {
          ok: false,
          error:
            error instanceof PublishError
              ? error
              : new PublishError('store_unavailable', 'publish failed', { cause: error }),
        }
      }
    },
    async pause(connector) {
      await (await running()).dispatcher.pause(connector)
    },
    async resume(connector) {
      await (await running()).dispatcher.resume(connector)
    },
    async backfill(connector, { since, until } = {}) {
      const period = { since: since?.getTime() ?? null, until: until?.getTime() ?? null }
      checkPeriod(period)
      return (await running()).dispatcher.backfill(connector, period)
    },
    async forget(user) {
      return (await (await running()).dispatcher.forget(user)).events
    },
    async close() {
      closed = true
      closing ??= (async () => {
        const engine = await started?.catch(() => undefined)
        await engine?.close()
      })()
      await closing
    },
    running,
  }
}
