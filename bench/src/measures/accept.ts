import { startEngine } from '../engines/start.ts'
import type { Measure } from '../job.ts'
import { closedLoop } from '../load.ts'
import { countCpu, memoryOf } from '../processes.ts'
import { registration } from '../registration.ts'

const WARM_UP = { callers: 64, from: 0, count: 1_000 }

/** Accepting alone: the connectors do not answer, so that nothing is settled meanwhile. */
export const measureAccept: Measure = async ({ engine: name, callers, events, folder }) => {
  const engine = await startEngine(name, { folder, handle: () => new Promise(() => {}) })
  const accept = (n: number) => engine.accept(registration(n))
  await closedLoop(WARM_UP, accept)
  const cpu = countCpu(engine.servers)
  const loaded = await closedLoop({ callers, from: WARM_UP.count, count: events }, accept)
  return { ...loaded, nodeCpu: cpu().node / events, peak: memoryOf('self', 'peak') }
}
