import type { EventHub } from '../events.ts'
import { connectorUnknown, type Operator } from '../operator.ts'
import type { Clock, Logger, Random } from '../ports.ts'
import type { ConnectorRegistry, RegisteredConnector } from '../registry.ts'
import type { Redact } from '../secrets.ts'
import type { Forgotten, Newborn, Period, Retried, RetrySelection, Store } from '../store/port.ts'
import { Admission } from './admission.ts'
import { Buckets } from './buckets.ts'
import { Ghosts } from './ghosts.ts'
import { Lane } from './lane.ts'
import { startConnector } from './start-connector.ts'

export interface DispatcherPorts {
  readonly store: Store
  readonly connectors: ConnectorRegistry
  readonly events: EventHub
  readonly clock: Clock
  readonly logger: Logger
  readonly random: Random
  readonly redact: Redact
}

/** Runs due deliveries, each connector in a lane of its own, so that a failing one holds nobody else back. */
export class Dispatcher implements Operator {
  readonly #ports: DispatcherPorts
  readonly #stop = new AbortController()
  readonly #admission = new Admission(() => {
    for (const lane of this.#lanes) lane.goOn()
  })
  readonly #forgotten = new Set<number>()
  readonly #ghosts: Ghosts
  /** Aborts what connectors still do of their starts. */
  readonly #starting = new AbortController()
  readonly #starts = new Set<Promise<void>>()
  #lanes: readonly Lane[] = []
  #running = false

  constructor(ports: DispatcherPorts) {
    this.#ports = ports
    const { store, clock } = ports
    this.#ghosts = new Ghosts({ store, clock, lanes: () => this.#lanes })
  }

  get running(): boolean {
    return this.#running
  }

  start(): void {
    this.#running = true
    const ports = {
      ...this.#ports,
      admission: this.#admission,
      forgotten: this.#forgotten,
      buckets: new Buckets(this.#ports.clock.now()),
      stop: this.#stop.signal,
      onDoubt: () => this.doubt(),
    }
    const connectors = this.#ports.connectors.all()
    this.#lanes = connectors.map((connector) => new Lane(connector, ports))
    for (const connector of connectors) this.#startConnector(connector)
    this.wake()
  }

  /** Has the connector look for what is wrong with it; one whose gate is closed has its canary, or is left alone. */
  #startConnector({ configured, row }: RegisteredConnector): void {
    if (row.parked !== null || row.paused !== null) return
    const { clock, logger } = this.#ports
    const start = startConnector(configured, { clock, logger, stop: this.#starting.signal })
      .then((fault) => (fault === undefined ? undefined : this.#laneOf(configured.name).park(fault)))
      .catch((error: unknown) => {
        const fields = { err: error, connector: configured.name }
        logger.error(fields, 'what its start found is not stored; a delivery will find it')
      })
      .finally(() => this.#starts.delete(start))
    this.#starts.add(start)
  }

  /** Looks for due deliveries now. */
  wake(): void {
    for (const lane of this.#lanes) lane.wake()
  }

  /** Whether this connector's next delivery should be born held, to be dispatched from memory. */
  holds(connector: number): boolean {
    return this.#lanes.some((lane) => lane.row === connector && lane.holds)
  }

  /** Takes what was born held, and looks for what was born free. */
  take(newborn: readonly Newborn[]): void {
    for (const lane of this.#lanes) {
      const mine = newborn.filter(({ connector }) => connector === lane.row)
      if (mine.length > 0) lane.take(mine)
      else lane.wake()
    }
  }

  /** Told that a write that hands out deliveries was refused: it may be stored all the same. */
  doubt(): void {
    this.#ghosts.suspect()
  }

  async retry(selection: RetrySelection): Promise<Retried> {
    try {
      return await this.#ports.store.retry(selection, this.#ports.clock.now())
    } finally {
      // Some may be put back though the store answered with an error.
      this.wake()
    }
  }

  async pause(connector: string): Promise<void> {
    await this.#laneOf(connector).pause()
  }

  async resume(connector: string): Promise<void> {
    await this.#laneOf(connector).resume()
  }

  #laneOf(connector: string): Lane {
    const lane = this.#lanes.find(({ name }) => name === connector)
    if (lane !== undefined) return lane
    throw connectorUnknown(
      connector,
      this.#lanes.map(({ name }) => name),
      'is configured',
    )
  }

  /** How many stored events a connector was never given. Throws `connector_unknown`. */
  async countMissing(connector: string, period: Period): Promise<number> {
    return this.#ports.store.countMissing(this.#laneOf(connector).row, period)
  }

  /** Gives a connector the stored events that it was never given; tells how many. Throws `connector_unknown`. */
  async backfill(connector: string, period: Period): Promise<number> {
    const lane = this.#laneOf(connector)
    try {
      return await this.#ports.store.backfill(lane.row, period)
    } finally {
      // Some may be added though the store answered with an error.
      lane.wake()
    }
  }

  async drop(connector: string): Promise<number> {
    return this.#ports.store.drop(connector, this.#ports.clock.now())
  }

  async forget(user: string): Promise<Forgotten> {
    const forgotten = await this.#ports.store.forget(user, this.#ports.clock.now())
    // Before anything else is waited for: what is in memory could start.
    for (const delivery of forgotten.deliveries) this.#forgotten.add(delivery)
    await this.#ports.store.purge()
    return forgotten
  }

  /** Resolves when nothing runs and nothing is due. */
  async idle(): Promise<void> {
    while (this.#starts.size > 0 || this.#lanes.some((lane) => lane.busy)) {
      await Promise.all([...this.#starts, ...this.#lanes.map((lane) => lane.idle())])
    }
  }

  /** Hands out no more, waits up to `grace` milliseconds for what runs, then aborts it and settles what came of it. */
  async stop(grace: number): Promise<void> {
    this.#running = false
    this.#ghosts.stop()
    this.#starting.abort()
    for (const lane of this.#lanes) lane.stop()
    const abort = () => this.#stop.abort()
    if (grace <= 0) abort()
    const cancel = this.#ports.clock.after(grace, abort)
    await Promise.all([...this.#starts, ...this.#lanes.map((lane) => lane.idle())])
    cancel()
  }
}
