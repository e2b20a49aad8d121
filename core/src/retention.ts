import type { Clock, Logger } from './ports.ts'
import type { Store } from './store/port.ts'

const HOUR = 3_600_000
/** What was refused is kept so long, to be tried again. */
const KEEP_REFUSED = 7 * 24 * HOUR

export interface RetentionPorts {
  readonly store: Pick<Store, 'erase' | 'dropRefused'>
  readonly clock: Clock
  readonly logger: Logger
  /** Milliseconds that events are kept after they were received and their deliveries ended; null: for ever. */
  readonly keep: number | null
}

/** Deletes events that are old enough, and what was refused a week ago, at the start and every hour. */
export class Retention {
  readonly #ports: RetentionPorts
  readonly #stop = new AbortController()
  #cancel = (): void => {}
  #erasing: Promise<void> = Promise.resolve()

  constructor(ports: RetentionPorts) {
    this.#ports = ports
  }

  start(): void {
    const { clock } = this.#ports
    this.#erasing = this.#erase().finally(() => {
      if (!this.#stop.signal.aborted) this.#cancel = clock.after(HOUR, () => this.start())
    })
  }

  /** Resolves when nothing is being deleted any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cancel()
    await this.#erasing
  }

  async #erase(): Promise<void> {
    const { store, clock, logger, keep } = this.#ports
    try {
      const dropped = await store.dropRefused({ before: clock.now() - KEEP_REFUSED })
      if (dropped > 0) logger.info({ dropped }, 'what was refused a week ago is deleted')
      if (keep === null) return
      const erased = await store.erase(clock.now() - keep, this.#stop.signal)
      if (erased > 0) logger.info({ erased }, 'old events are deleted')
    } catch (error) {
      logger.error({ err: error }, 'old events cannot be deleted; it is tried again in an hour')
    }
  }
}
