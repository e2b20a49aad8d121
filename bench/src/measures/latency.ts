import { setTimeout } from 'node:timers/promises'
import { startEngine } from '../engines/start.ts'
import type { Measure } from '../job.ts'
import { CONNECTORS, registration } from '../registration.ts'
import { percentile } from '../statistics.ts'

const WARM_UP = 20
const INTERVAL = 50

/** From the call that hands an event over to the start of each of its handlers, with nothing else to do. */
export const measureLatency: Measure = async ({ engine: name, events, folder }) => {
  const handedOver = new Map<string, number>()
  const waited: number[] = []
  const engine = await startEngine(name, {
    folder,
    async handle(user) {
      waited.push(performance.now() - (handedOver.get(user) ?? Number.NaN))
    },
  })
  for (let n = 0; n < WARM_UP + events; n += 1) {
    await setTimeout(INTERVAL)
    if (n === WARM_UP) {
      await engine.settled(WARM_UP * CONNECTORS.length)
      waited.length = 0
    }
    const next = registration(n)
    handedOver.set(next.user.id, performance.now())
    await engine.accept(next)
  }
  await engine.settled((WARM_UP + events) * CONNECTORS.length)
  await engine.close()
  return { p50: percentile(waited, 0.5), p99: percentile(waited, 0.99) }
}
