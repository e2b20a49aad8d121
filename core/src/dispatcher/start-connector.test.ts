import { expect, test } from 'vitest'
import type { Connector } from '../contract.ts'
import { delivered, misconfigured, retry } from '../outcome.ts'
import { createMemoryStore } from '../store/memory.ts'
import { createTestOnSignup } from '../testing/create-test-onsignup.ts'
import { plugin, publish, states } from './test-support.ts'

const started = (start: NonNullable<Connector['start']>, check: Connector['check'] = async () => []) => {
  const calls: string[] = []
  const told: string[] = []
  const hook = ({ user }: { user: { id: string } }) => {
    calls.push(user.id)
    return delivered()
  }
  const onsignup = createTestOnSignup().use('team', plugin(hook, { start, check }))
  onsignup.on('parked', ({ parked }) => told.push(`${parked.code}: ${parked.reason} (${parked.mend})`))
  return { onsignup, calls, told }
}

const FAULT = misconfigured('no field Nmae', { code: 'MAPPING', mend: 'correct it' })

test('a start that finds a fault parks the connector before any delivery meets it, with one notice', async () => {
  let mended = false
  const { onsignup, calls, told } = started(
    () => FAULT,
    async () => [{ state: mended ? 'proved' : 'failed', what: 'the mapping' }],
  )
  await onsignup.start()
  await onsignup.drain()
  expect(told).toEqual(['MAPPING: no field Nmae (correct it)'])
  await publish(onsignup, '1', '2', '3')
  expect(await states(onsignup)).toEqual(['parked', 'parked', 'parked'])
  await onsignup.clock.advance('5m')
  expect(calls).toEqual([])
  mended = true
  await onsignup.clock.advance('5m')
  expect(calls).toEqual(['1', '2', '3'])
  expect(told).toHaveLength(1)
})

test('a thrown fault is one too', async () => {
  const { onsignup, told } = started(() => Promise.reject(FAULT))
  await onsignup.start()
  await onsignup.drain()
  expect(told).toHaveLength(1)
})

test('a start that cannot tell parks nothing, and says so in the log', async () => {
  for (const [start, lines] of [
    [() => retry('down'), 1],
    [() => Promise.reject(new Error('a bug')), 1],
    [() => undefined, 0],
  ] as const) {
    const { onsignup, calls, told } = started(start)
    await publish(onsignup, '1')
    expect(told).toEqual([])
    expect(calls).toEqual(['1'])
    const warnings = onsignup.logger.lines.filter(({ level }) => level === 'warn')
    expect(warnings).toHaveLength(lines)
  }
})

test('a start that hangs stops neither the start, nor a delivery, nor the close', async () => {
  const signals: AbortSignal[] = []
  const { onsignup, calls } = started(({ signal }) => {
    signals.push(signal)
    return new Promise(() => {})
  })
  await onsignup.start()
  await onsignup.publish({ user: { id: '1' } })
  await onsignup.clock.advance(0)
  expect(calls).toEqual(['1'])
  await onsignup.close()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

test('a paused connector is left alone', async () => {
  let starts = 0
  const team = plugin(() => delivered(), { start: () => void (starts += 1) })
  const store = createMemoryStore()
  const first = createTestOnSignup({ store }).use('team', team)
  await first.pause('team')
  await first.close()
  await createTestOnSignup({ store }).use('team', team).start()
  expect(starts).toBe(1)
})
