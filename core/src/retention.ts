import type { Clock, Logger } from './ports.ts'
import type { Store } from './store/port.ts'

const HOUR = 3_600_000

export interface RetentionPorts {
  readonly store: Pick<Store, 'erase'>
  readonly clock: Clock
  readonly logger: Logger
  /** Milliseconds that events are kept after they were received and their deliveries ended; null: for ever. */
  readonly keep: number | null
}

/** Deletes events that are old enough, at the start and every hour. */
export class Retention {
  readonly #ports: RetentionPorts
  readonly #stop = new AbortController()
  #cancel = (): void => {}
  #erasing: Promise<void> = Promise.resolve()

  constructor(ports: RetentionPorts) {
    this.#ports = ports
  }

  start(): void {
    const { clock, keep } = this.#ports
    if (keep === null) return
    this.#erasing = this.#erase(keep).finally(() => {
      if (!this.#stop.signal.aborted) this.#cancel = clock.after(HOUR, () => this.start())
    })
  }

  /** Resolves when nothing is being deleted any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cancel()
    await this.#erasing
  }

  async #erase(keep: number): Promise<void> {
    const { store, clock, logger } = this.#ports
    try {
      const erased = await store.erase(clock.now() - keep, this.#stop.signal)
      if (erased > 0) logger.info({ erased }, 'old events are deleted')
    } catch (error) {
      logger.error({ err: error }, 'old events cannot be deleted; it is tried again in an hour')
    }
  }
}
