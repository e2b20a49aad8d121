import { OnSignupError } from '@onsignup/core'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { unavailable } from './failures.ts'
import type { Reading } from './reading.ts'
import type { Answer, FromThread, Question, ToThread } from './reading-thread.ts'

const EXTENSION = import.meta.filename.endsWith('.ts') ? '.ts' : '.js'

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Reads and checkpoints in a thread of its own, so that neither stops the engine: a list of a million rows takes as
 * long as hundreds of accepts. The thread is started when it is first asked, and keeps no process alive.
 */
export const createReadingThread = (path: string): Reading => {
  let worker: Worker | null = null
  let asked = 0
  let closing = false
  const waiting = new Map<number, Waiting>()

  const failAll = (error: unknown): void => {
    worker = null
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  const start = (): Worker => {
    const url = new URL(`./reading-thread${EXTENSION}`, import.meta.url)
    const started = new Worker(url, { workerData: path })
    started.unref()
    started.on('message', ({ n, answer }: FromThread) => {
      waiting.get(n)?.resolve(answer)
      waiting.delete(n)
      if (waiting.size === 0 && !closing) started.unref()
    })
    started.on('error', (error) => failAll(unavailable(path, 'cannot be read', error)))
    started.on('exit', () => failAll(unavailable(path, 'cannot be read', new Error('its thread ended'))))
    return started
  }

  const ask = async (question: Question): Promise<Answer> => {
    worker ??= start()
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    asked += 1
    waiting.set(asked, { resolve, reject })
    // Whoever waits for an answer is not to be ended before it came.
    worker.ref()
    worker.postMessage({ n: asked, question } satisfies ToThread)
    const answer = await promise
    if (answer.kind !== 'failed') return answer
    const { message, mend, cause } = answer
    throw new OnSignupError('store_unavailable', message, { ...(mend === undefined ? {} : { mend }), cause })
  }

  const unexpected = (answer: Answer): Error => new Error(`the reading thread answered with ${answer.kind}`)

  return {
    async event(id) {
      const answer = await ask({ ask: 'event', id })
      if (answer.kind !== 'event') throw unexpected(answer)
      return answer.event
    },
    async deliveries(query, now) {
      const answer = await ask({ ask: 'deliveries', query, now })
      if (answer.kind !== 'deliveries') throw unexpected(answer)
      return answer.deliveries
    },
    async countSlice(backfill, after) {
      const answer = await ask({ ask: 'missing', backfill, after })
      if (answer.kind !== 'missing') throw unexpected(answer)
      return answer.slice
    },
    async checkpoint() {
      await ask({ ask: 'checkpoint' })
    },
    async emptyWal() {
      const answer = await ask({ ask: 'empty WAL' })
      if (answer.kind !== 'WAL') throw unexpected(answer)
      return answer.isEmpty
    },
    async close() {
      if (worker === null) return
      const ended = once(worker, 'exit')
      closing = true
      worker.ref()
      worker.postMessage(null satisfies ToThread)
      await ended
    },
  }
}
