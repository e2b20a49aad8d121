import type { AttemptRecord, DeliveryState, Parked } from './store/port.ts'
import type { Logger } from './ports.ts'

/** What `on` can listen to, and what each listener gets. */
export interface EngineEvents {
  /** An event was stored, for the first time. */
  readonly accepted: { readonly event: string; readonly connectors: readonly string[] }
  /** An attempt ended and what came of it is stored. */
  readonly settled: {
    readonly delivery: number
    readonly event: string
    readonly connector: string
    readonly state: DeliveryState
    readonly attempt: AttemptRecord
  }
  /** A connector's gate closed: its deliveries wait until the operator mends what `parked` says. */
  readonly parked: {
    readonly connector: string
    readonly parked: Parked
    /** The fault came back within ten minutes, or before anything succeeded: no news to alert of. */
    readonly again: boolean
  }
  /** A parked connector's gate opened again. */
  readonly released: { readonly connector: string }
  /** An operator closed a connector's gate. */
  readonly paused: { readonly connector: string }
  /** An operator opened a connector's gate. */
  readonly resumed: { readonly connector: string }
  /** An operator was told through a connector that others were parked, or could not be. */
  readonly alerted: {
    readonly connectors: readonly string[]
    readonly through: string
    readonly sent: boolean
  }
}

export type EventName = keyof EngineEvents
export type Listener<N extends EventName> = (payload: EngineEvents[N]) => void

type Listeners = { readonly [N in EventName]: Set<Listener<N>> }

/** Tells listeners what happened and waits for none; one that throws or rejects breaks nothing. */
export class EventHub {
  readonly #listeners: Listeners = {
    accepted: new Set(),
    settled: new Set(),
    parked: new Set(),
    released: new Set(),
    paused: new Set(),
    resumed: new Set(),
    alerted: new Set(),
  }
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** The returned function removes the listener. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    const listeners: Set<Listener<N>> = this.#listeners[name]
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  emit<N extends EventName>(name: N, payload: EngineEvents[N]): void {
    const listeners: Set<Listener<N>> = this.#listeners[name]
    const threw = (error: unknown) =>
      this.#logger.error({ err: error, on: name }, `a listener of ${name} threw`)
    for (const listener of listeners) {
      try {
        // An async function is a listener too, and a rejection that nobody handles would end the process.
        const result: unknown = listener(payload)
        Promise.resolve(result).catch(threw)
      } catch (error) {
        threw(error)
      }
    }
  }
}
