import { Queue, Worker } from 'bullmq'
import { grouped } from '../group.ts'
import { CONNECTORS, type Registration } from '../registration.ts'
import { startRedis } from '../servers/redis.ts'
import { Tally } from '../tally.ts'
import type { StartEngine } from './engine.ts'

/** The example of docs.bullmq.io/guide/workers/concurrency (read 2026-11-23). */
const CONCURRENCY = 50

/** A queue and a worker for each connector, jobs added in bulk. */
export const startBullMq: StartEngine = async ({ folder, handle }) => {
  const redis = await startRedis(folder)
  const settled = new Tally()
  const connection = { host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null }
  const queues = CONNECTORS.map((name) => new Queue<Registration>(name, { connection }))
  const workers = CONNECTORS.map(
    (name) =>
      new Worker<Registration>(name, ({ data }) => handle(data.user.id), {
        connection,
        concurrency: CONCURRENCY,
      }),
  )
  for (const worker of workers) worker.on('completed', () => settled.add())
  await Promise.all([...queues, ...workers].map((each) => each.waitUntilReady()))
  return {
    servers: [redis.pid],
    accept: grouped((registrations) => {
      const jobs = registrations.map((data) => ({ name: 'registered', data }))
      return Promise.all(queues.map((queue) => queue.addBulk(jobs)))
    }),
    settled: (deliveries) => settled.reached(deliveries),
    async close() {
      await Promise.all([...workers, ...queues].map((each) => each.close()))
      await redis.stop()
    },
  }
}
