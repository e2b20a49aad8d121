import type { ConfiguredConnector } from './connector.ts'
import type { Fault, Notice, Run } from './contract.ts'
import { outcomeOfResult } from './dispatcher/describe.ts'
import { callWithin } from './dispatcher/within.ts'
import { OnSignupError } from './errors.ts'
import type { EventHub } from './events.ts'
import { nearest } from './nearest.ts'
import { Failure } from './outcome.ts'
import type { Clock, Logger } from './ports.ts'
import type { ConnectorRegistry } from './registry.ts'

/** Alerts are sent no closer together than this; what comes meanwhile is told together. */
const PAUSE = 60_000

export interface AlertsPorts {
  /** The connector that is told; null: nobody. */
  readonly through: string | null
  readonly connectors: ConnectorRegistry
  readonly events: EventHub
  readonly clock: Clock
  readonly logger: Logger
}

const wordsOf = ({ connector, reason, mend }: Fault): string =>
  [
    `${connector} is parked: its deliveries wait, and nothing is lost.`,
    reason,
    ...(mend === null ? [] : [`What to do: ${mend}`]),
  ].join('\n')

/** What is told of connectors that were parked. */
const noticeOf = (faults: readonly Fault[]): Notice => ({
  title:
    faults.length === 1
      ? `${faults[0]?.connector ?? ''} is parked`
      : `${faults.length} connectors are parked: ${faults.map(({ connector }) => connector).join(', ')}`,
  text: faults.map(wordsOf).join('\n\n'),
  faults,
})

const findTold = (configured: readonly ConfiguredConnector[], through: string): ConfiguredConnector => {
  const names = configured.map(({ name }) => name)
  const found = configured.find(({ name }) => name === through)
  if (found === undefined) {
    const meant = nearest(through, names)
    throw new OnSignupError('alerts_invalid', `alerts: no connector is named ${through}`, {
      mend: meant === undefined ? `name one of ${names.join(', ')}` : `did you mean ${meant}?`,
    })
  }
  if (found.connector.notify === undefined) {
    throw new OnSignupError(
      'alerts_invalid',
      `alerts: ${through} (${found.uses}) takes no alerts as it is configured`,
      {
        mend: 'name a Slack connector with a fixed channel or alerts_channel, or an e-mail one with alerts_to',
      },
    )
  }
  return found
}

/**
 * Tells an operator through a connector of choice that others were parked: one try for each episode, never of the
 * connector that it goes through, at most one a minute.
 */
export class Alerts {
  readonly #ports: AlertsPorts
  readonly #told: ConfiguredConnector | null
  readonly #waiting = new Map<string, Fault>()
  readonly #stop = new AbortController()
  #paused = false
  #quietUntil = 0
  #cancel = (): void => {}
  #sending: Promise<void> = Promise.resolve()

  /** Throws `alerts_invalid` when there is no such connector, or it takes no alerts. */
  constructor(ports: AlertsPorts) {
    this.#ports = ports
    this.#told = ports.through === null ? null : findTold(ports.connectors.configured, ports.through)
  }

  start(): void {
    const { connectors, events } = this.#ports
    const told = this.#told
    if (told === null) return
    this.#paused = connectors.all().some(({ configured, row }) => configured === told && row.paused !== null)
    const listens = [
      events.on('parked', ({ connector, parked, again }) => {
        if (again || connector === told.name) return
        const { code, reason, mend, since } = parked
        this.#waiting.set(connector, { connector, code, reason, mend, since: new Date(since) })
        this.#tellSoon(told)
      }),
      events.on('released', ({ connector }) => this.#waiting.delete(connector)),
      events.on('paused', ({ connector }) => (this.#paused ||= connector === told.name)),
      events.on('resumed', ({ connector }) => (this.#paused &&= connector !== told.name)),
    ]
    this.#stop.signal.addEventListener('abort', () => {
      for (const forget of listens) forget()
    })
  }

  /** Resolves when nothing is being sent any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cancel()
    await this.#sending
  }

  #tellSoon(told: ConfiguredConnector): void {
    const { clock } = this.#ports
    this.#cancel()
    this.#cancel = clock.after(Math.max(0, this.#quietUntil - clock.now()), () => {
      this.#sending = this.#tell(told)
    })
  }

  async #tell(told: ConfiguredConnector): Promise<void> {
    const { clock, events, logger } = this.#ports
    const faults = [...this.#waiting.values()]
    this.#waiting.clear()
    if (faults.length === 0) return
    const about = faults.map(({ connector }) => connector)
    if (this.#paused) return logger.warn({ about }, `no alert is sent: ${told.name} is paused`)
    this.#quietUntil = clock.now() + PAUSE
    const failure = await this.#call(told, noticeOf(faults))
    if (failure !== undefined) logger.warn({ about, err: failure }, `${told.name} took no alert`)
    events.emit('alerted', { connectors: about, through: told.name, sent: failure === undefined })
  }

  /** One try, with the connector's own deadline; what went wrong, if anything. */
  async #call(told: ConfiguredConnector, notice: Notice): Promise<unknown> {
    const { clock, logger } = this.#ports
    const ports = { clock, logger, stop: this.#stop.signal }
    try {
      const notify = (run: Run) => told.connector.notify?.(notice, run)
      const outcome = outcomeOfResult(await callWithin(told, ports, 'alert', notify))
      return Failure.is(outcome) ? outcome : undefined
    } catch (error) {
      return error
    }
  }
}
