import type { Clock } from '@onsignup/core'
import type { ConnectorRegistry, EventHub, Store } from '@onsignup/core/engine'
import { gateOf, type GateWord } from './gates.ts'

export interface MetricsPorts {
  readonly events: EventHub
  readonly store: Pick<Store, 'connectors' | 'nextDue'>
  readonly connectors: ConnectorRegistry
  readonly clock: Clock
}

/** Those of a connector that is configured. */
const GATES: readonly GateWord[] = ['open', 'paused', 'parked', 'throttled']

/** Values by their labels, which are as they are shown: names of connectors and our own words need no escaping. */
class Values {
  readonly #values = new Map<string, number>()

  set(labels: string, value: number): void {
    this.#values.set(labels, value)
  }

  add(labels: string, more = 1): void {
    this.#values.set(labels, (this.#values.get(labels) ?? 0) + more)
  }

  /** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format (2026-11) */
  show(name: string, type: 'counter' | 'gauge', help: string): string {
    const lines = [...this.#values].map(
      ([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`,
    )
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
  }
}

/** What the engine did since it started, for Prometheus: names of connectors and outcomes, no personal data. */
export class Metrics {
  readonly #ports: MetricsPorts
  readonly #accepted = new Values()
  readonly #attempts = new Values()
  readonly #seconds = new Values()
  readonly #ended = new Values()
  readonly #parked = new Values()
  readonly #alerts = new Values()
  readonly #received = new Values()

  constructor(ports: MetricsPorts) {
    this.#ports = ports
    const { events } = ports
    this.#accepted.add('', 0)
    events.on('accepted', () => this.#accepted.add(''))
    events.on('settled', ({ connector, state, attempt: { outcome, ms } }) => {
      const labels = `connector="${connector}",outcome="${outcome}"`
      this.#attempts.add(labels)
      this.#seconds.add(labels, ms / 1_000)
      if (state !== 'open') this.#ended.add(`connector="${connector}",state="${state}"`)
    })
    events.on('parked', ({ connector, again }) => {
      if (!again) this.#parked.add(`connector="${connector}"`)
    })
    events.on('alerted', ({ through, sent }) => this.#alerts.add(`through="${through}",sent="${sent}"`))
  }

  /** Counts what came to a source's address, by what became of it. */
  received(
    path: string,
    result: 'accepted' | 'duplicate' | 'ignored' | 'refused' | 'denied',
    more = 1,
  ): void {
    this.#received.add(`path="${path}",result="${result}"`, more)
  }

  /** All of it in the text format of Prometheus. */
  async show(): Promise<string> {
    const { store, connectors, clock } = this.#ports
    const now = clock.now()
    const gates = new Values()
    const behind = new Values()
    for (const row of await store.connectors()) {
      if (!row.current) continue
      const has = gateOf(row, now)
      for (const gate of GATES) gates.set(`connector="${row.name}",gate="${gate}"`, gate === has ? 1 : 0)
    }
    for (const { configured, row } of connectors.all()) {
      const due = await store.nextDue(row.id)
      behind.set(`connector="${configured.name}"`, due === null ? 0 : Math.max(0, now - due) / 1_000)
    }
    return [
      this.#accepted.show(
        'onsignup_events_accepted_total',
        'counter',
        'Registrations stored for the first time.',
      ),
      this.#attempts.show('onsignup_attempts_total', 'counter', 'Attempts that ended.'),
      this.#seconds.show('onsignup_attempt_seconds_total', 'counter', 'Time that attempts took.'),
      this.#ended.show('onsignup_deliveries_ended_total', 'counter', 'Deliveries that ended.'),
      this.#parked.show('onsignup_parked_total', 'counter', 'Episodes in which a connector was parked.'),
      this.#alerts.show('onsignup_alerts_total', 'counter', 'Alerts, and whether they were taken.'),
      this.#received.show(
        'onsignup_received_total',
        'counter',
        'What came to the address of a source, by what became of it.',
      ),
      gates.show('onsignup_gate', 'gauge', 'Which gate a connector has now: 1 for that one.'),
      behind.show(
        'onsignup_behind_seconds',
        'gauge',
        'How long the oldest delivery that waits has been due.',
      ),
    ].join('')
  }
}
