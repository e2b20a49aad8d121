import { misconfigured, retry, type Outcome } from '@onsignup/core'
import { createMemoryStore, ConnectorRegistry, EventHub } from '@onsignup/core/engine'
import { createTestClock, recordingLogger } from '@onsignup/core/testing'
import { expect, test } from 'vitest'
import { Metrics } from './metrics.ts'

const PARKED = { since: 0, code: 'c', reason: 'r', mend: null, probeAt: 0 }

const settled = (connector: string, state: 'delivered' | 'open', outcome: Outcome['kind'], ms: number) =>
  ({
    delivery: 1,
    event: 'e',
    connector,
    state,
    attempt: { run: 1, at: 0, ms, outcome, code: null, detail: null },
  }) as const

test('counts are by connector and outcome, and gates are as they are now', async () => {
  const clock = createTestClock()
  const store = createMemoryStore()
  const events = new EventHub(recordingLogger())
  const connectors = new ConnectorRegistry([], store)
  await store.open(clock.now())
  const [team] = await store.register([
    { name: 'team', uses: 'slack' },
    { name: 'crm', uses: 'salesforce' },
  ])
  const metrics = new Metrics({ events, store, connectors, clock })
  expect(await metrics.show()).toContain('\nonsignup_events_accepted_total 0\n')

  events.emit('accepted', { event: 'e', connectors: ['team'] })
  events.emit('settled', settled('team', 'open', retry('no').kind, 1_500))
  events.emit('settled', settled('team', 'open', retry('no').kind, 500))
  events.emit('settled', settled('team', 'delivered', 'delivered', 20))
  events.emit('settled', settled('crm', 'open', misconfigured('no').kind, 1))
  events.emit('parked', { connector: 'crm', parked: PARKED, again: false })
  events.emit('parked', { connector: 'crm', parked: PARKED, again: true })
  events.emit('alerted', { connectors: ['crm'], through: 'team', sent: true })
  await store.changeGate({ connector: team?.id ?? 0, parked: PARKED })
  const lines = (await metrics.show()).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE onsignup_events_accepted_total counter',
      'onsignup_events_accepted_total 1',
      'onsignup_attempts_total{connector="team",outcome="retry"} 2',
      'onsignup_attempt_seconds_total{connector="team",outcome="retry"} 2',
      'onsignup_attempts_total{connector="crm",outcome="misconfigured"} 1',
      'onsignup_deliveries_ended_total{connector="team",state="delivered"} 1',
      'onsignup_parked_total{connector="crm"} 1',
      'onsignup_alerts_total{through="team",sent="true"} 1',
      '# TYPE onsignup_gate gauge',
      'onsignup_gate{connector="team",gate="open"} 0',
      'onsignup_gate{connector="team",gate="parked"} 1',
      'onsignup_gate{connector="crm",gate="open"} 1',
    ]),
  )
  expect(lines.filter((line) => line.includes('state="open"'))).toEqual([])
})
