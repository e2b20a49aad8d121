import { startEngine } from '../engines/start.ts'
import type { Measure } from '../job.ts'
import { closedLoop } from '../load.ts'
import { countCpu, memoryOf } from '../processes.ts'
import { CONNECTORS, registration } from '../registration.ts'

const WARM_UP = { callers: 64, from: 0, count: 1_000 }

/** From the first event handed over to the last delivery settled. */
export const measureWholeJob: Measure = async ({ engine: name, callers, events, folder }) => {
  const engine = await startEngine(name, { folder, handle: async () => {} })
  const accept = (n: number) => engine.accept(registration(n))
  await closedLoop(WARM_UP, accept)
  await engine.settled(WARM_UP.count * CONNECTORS.length)

  const cpu = countCpu(engine.servers)
  const began = performance.now()
  const { p50, p99 } = await closedLoop({ callers, from: WARM_UP.count, count: events }, accept)
  await engine.settled((WARM_UP.count + events) * CONNECTORS.length)
  const seconds = (performance.now() - began) / 1_000
  const { node, server } = cpu()
  const peak = memoryOf('self', 'peak')
  await engine.close()
  return { perSecond: events / seconds, p50, p99, nodeCpu: node / events, serverCpu: server / events, peak }
}
