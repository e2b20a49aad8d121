export interface About {
  readonly title: string
  readonly settings: string
  readonly durable: string
  /** What it leaves undone that the engine does. */
  readonly lacks: string
}

/** How each engine was set, and what its numbers do not include. */
export const ABOUT: Readonly<Record<string, About>> = {
  log: {
    title: 'append log',
    settings: 'a file in Node; one `write` and one `fdatasync` for all that came in a turn of the event loop',
    durable: 'every event and settlement',
    lacks: 'retries, duplicates, start after a crash, queries, deleting; it is the limit, not a choice',
  },
  onsignup: {
    title: 'onsignup',
    settings: 'SQLite; nothing set but the path, so 5 attempts at once for each connector',
    durable: 'every event and settlement (WAL, `synchronous=FULL`)',
    lacks: '–',
  },
  'onsignup-50': {
    title: 'onsignup, `concurrency: 50`',
    settings: 'as above, with as many attempts at once as BullMQ is given',
    durable: 'as above',
    lacks: '–',
  },
  bullmq: {
    title: 'BullMQ',
    settings: 'Redis; 3 queues, `addBulk` for all that waits, 3 workers of `concurrency: 50` (its guide)',
    durable: 'every write (`appendfsync always`; its guide finds `everysec` enough)',
    lacks: 'fan-out in one transaction, history of attempts (only the last errors), one payload for 3 jobs',
  },
  'pg-boss': {
    title: 'pg-boss',
    settings:
      'PostgreSQL as installed; 3 queues, `insert` for all that waits, `batchSize: 200`, `burstWhenBatchFull`, LISTEN/NOTIFY',
    durable: 'every write (`fsync` and `synchronous_commit` on)',
    lacks:
      'fan-out in one transaction as used here, history of attempts (only the last output), one payload for 3 jobs',
  },
  'graphile-worker': {
    title: 'graphile-worker',
    settings:
      'PostgreSQL as installed; `addJobs` for all that waits, 24 jobs at once, `localQueue` of 500, completions batched (its performance page)',
    durable: 'every write (`fsync` and `synchronous_commit` on)',
    lacks: 'any history (done jobs are deleted), one payload for 3 jobs',
  },
  jetstream: {
    title: 'NATS JetStream',
    settings: 'one stream on disk, 64 publishes in flight, 3 durable pull consumers, explicit acks',
    durable: '**not each publish**: the file is synced every 2 minutes by default',
    lacks: 'durability as the others have it, history of attempts, queries, retries that a handler times',
  },
}
