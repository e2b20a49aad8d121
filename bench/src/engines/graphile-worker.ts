import { Logger, makeWorkerUtils, run, type TaskList } from 'graphile-worker'
import { Pool } from 'pg'
import { z } from 'zod'
import { grouped } from '../group.ts'
import { CONNECTORS, type Registration } from '../registration.ts'
import { startPostgres } from '../servers/postgres.ts'
import { Tally } from '../tally.ts'
import { countIs } from './count-is.ts'
import type { StartEngine } from './engine.ts'

const payloadSchema = z.looseObject({ user: z.looseObject({ id: z.string() }) })

/** The configuration of worker.graphile.org/docs/performance (read 2026-11-23). */
const RECOMMENDED = {
  concurrentJobs: 24,
  maxPoolSize: 25,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
}

/** A task for each connector, jobs added in bulk. */
export const startGraphileWorker: StartEngine = async ({ folder, handle }) => {
  const postgres = await startPostgres(folder)
  const handled = new Tally()
  const pool = new Pool({ connectionString: postgres.url, max: 1 })
  const task = async (payload: unknown): Promise<void> => {
    await handle(payloadSchema.parse(payload).user.id)
    handled.add()
  }
  const logger = new Logger(() => () => {})
  const taskList: TaskList = Object.fromEntries(CONNECTORS.map((name) => [name, task]))
  const runner = await run({
    preset: { worker: { ...RECOMMENDED, connectionString: postgres.url } },
    logger,
    noHandleSignals: true,
    taskList,
  })
  const utils = await makeWorkerUtils({ connectionString: postgres.url, logger })
  return {
    servers: [postgres.pid],
    accept: grouped((registrations: readonly Registration[]) =>
      utils.addJobs(
        registrations.flatMap((payload) => CONNECTORS.map((identifier) => ({ identifier, payload }))),
      ),
    ),
    async settled(deliveries) {
      await handled.reached(deliveries)
      await countIs(pool, 'SELECT count(*) FROM graphile_worker.jobs', 0)
    },
    async close() {
      await runner.stop()
      await utils.release()
      await pool.end()
      await postgres.stop()
    },
  }
}
