import type { Measure } from '../job.ts'
import { openBacklog } from './backlog.ts'

/** Makes a store in which deliveries wait, due. */
export const fill: Measure = async ({ backlog, folder }) => {
  const { store, grow } = await openBacklog(folder, 0)
  await grow(backlog)
  await store.close()
  return {}
}
