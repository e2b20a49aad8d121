import { createOnSignup } from 'onsignup'
import type { Measure } from '../job.ts'
import { memoryOf } from '../processes.ts'
import { CONNECTORS } from '../registration.ts'
import { Tally } from '../tally.ts'
import { backlogFile } from './backlog.ts'

const MOST = 50_000

/** The whole engine, started on a backlog: how fast it works that off, and what memory it takes. */
export const measureDrain: Measure = async ({ backlog, folder }) => {
  const settled = new Tally()
  const onsignup = createOnSignup({ store: backlogFile(folder) })
  for (const name of CONNECTORS) onsignup.use(name, async () => {})
  onsignup.on('settled', () => settled.add())
  const deliveries = Math.min(backlog, MOST)
  const began = performance.now()
  await onsignup.start()
  await settled.reached(deliveries)
  const seconds = (performance.now() - began) / 1_000
  const peak = memoryOf('self', 'peak')
  await onsignup.close()
  return { perSecond: deliveries / seconds, peak }
}
