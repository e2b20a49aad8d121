import type { Claim, Store } from '@onsignup/core/engine'
import type { Measure } from '../job.ts'
import { openBacklog } from './backlog.ts'

const BATCH = 200
const WARM_UP = 5_000
const MEASURED = 50_000
/** Above the users that the backlog was filled with. */
const NEW_USERS = 10_000_000

const settle = async (store: Store, claims: readonly Claim[]): Promise<void> => {
  const now = Date.now()
  await store.settle(
    claims.map(({ delivery, run, suspect, tries, unknowns, strikes, failingSince }) => ({
      delivery,
      run,
      state: 'delivered',
      due: now,
      counts: { tries, unknowns, strikes, failingSince },
      reason: null,
      suspect,
      attempt: { run, at: now, ms: 0, outcome: 'delivered', code: null, detail: null },
      gate: null,
    })),
  )
}

/** Claims and settles deliveries by batches; a backlog smaller than what is measured is filled up in between. */
export const measureClaim: Measure = async ({ backlog, folder }) => {
  const { store, connectors, grow } = await openBacklog(folder, NEW_USERS)
  let turn = 0

  const work = async (wanted: number): Promise<void> => {
    let done = 0
    let empty = 0
    while (done < wanted) {
      const connector = connectors[turn % connectors.length]
      turn += 1
      if (connector === undefined) throw new Error('the store registered no connector')
      const claims = await store.claim(connector.id, Date.now(), Math.min(BATCH, wanted - done))
      await settle(store, claims)
      done += claims.length
      empty = claims.length === 0 ? empty + 1 : 0
      if (empty > connectors.length) throw new Error('fewer deliveries are due than were stored')
    }
  }

  await grow(WARM_UP)
  await work(WARM_UP)
  let milliseconds = 0
  for (let done = 0; done < MEASURED; done += backlog) {
    const part = Math.min(backlog, MEASURED - done)
    const began = performance.now()
    await work(part)
    milliseconds += performance.now() - began
    await grow(part)
  }
  await store.close()
  return { perSecond: (MEASURED / milliseconds) * 1_000 }
}
