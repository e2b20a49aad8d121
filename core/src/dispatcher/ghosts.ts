import type { Clock } from '../ports.ts'
import type { Store } from '../store/port.ts'
import type { Lane } from './lane.ts'

/** How long after a write that was refused, so that what waited beside it has come to its lane. */
const LOOK_AFTER = 5_000

export interface GhostsPorts {
  readonly store: Pick<Store, 'held'>
  readonly clock: Clock
  readonly lanes: () => readonly Pick<Lane, 'row' | 'disown'>[]
}

/**
 * Finds deliveries that the store holds for this process and that the process knows nothing of, since the write that
 * handed them out was stored though it was answered with an error. They are given back, to be handed out anew; those that
 * were stored so without being handed out are looked for.
 */
export class Ghosts {
  readonly #ports: GhostsPorts
  #cancel: (() => void) | null = null
  #stopped = false

  constructor(ports: GhostsPorts) {
    this.#ports = ports
  }

  /** Told that a write was refused, and may be stored. */
  suspect(): void {
    if (this.#stopped) return
    this.#cancel ??= this.#ports.clock.after(LOOK_AFTER, () => {
      this.#cancel = null
      this.#look().catch(() => this.suspect())
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  async #look(): Promise<void> {
    const { store, lanes } = this.#ports
    const held = await store.held()
    for (const lane of lanes()) lane.disown(held.filter(({ connector }) => connector === lane.row))
  }
}
