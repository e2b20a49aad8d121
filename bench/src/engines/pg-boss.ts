import { Pool } from 'pg'
import { PgBoss } from 'pg-boss'
import { grouped } from '../group.ts'
import { CONNECTORS, type Registration } from '../registration.ts'
import { startPostgres } from '../servers/postgres.ts'
import { Tally } from '../tally.ts'
import { countIs } from './count-is.ts'
import type { StartEngine } from './engine.ts'

/** A queue for each connector, jobs inserted in bulk, woken by NOTIFY, fetched in batches without a pause. */
export const startPgBoss: StartEngine = async ({ folder, handle }) => {
  const postgres = await startPostgres(folder)
  const handled = new Tally()
  const boss = new PgBoss({ connectionString: postgres.url, useListenNotify: true })
  boss.on('error', (error) => console.error(error))
  const pool = new Pool({ connectionString: postgres.url, max: 1 })
  await boss.start()
  for (const name of CONNECTORS) {
    await boss.createQueue(name, { notify: true })
    await boss.work<Registration>(
      name,
      { batchSize: 200, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
      async (jobs) => {
        await Promise.all(jobs.map(({ data }) => handle(data.user.id)))
        for (const _ of jobs) handled.add()
      },
    )
  }
  return {
    servers: [postgres.pid],
    accept: grouped((registrations) => {
      const jobs = registrations.map((data) => ({ data }))
      return Promise.all(CONNECTORS.map((name) => boss.insert(name, jobs)))
    }),
    async settled(deliveries) {
      await handled.reached(deliveries)
      await countIs(pool, "SELECT count(*) FROM pgboss.job WHERE state = 'completed'", deliveries)
    },
    async close() {
      await boss.stop()
      await pool.end()
      await postgres.stop()
    },
  }
}
