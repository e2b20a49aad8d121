import { randomUUID } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONNECTORS } from '../registration.ts'
import { Tally } from '../tally.ts'
import type { StartEngine } from './engine.ts'

/**
 * The least that durable work can be in Node: lines appended to a file, one write and one fdatasync for all that
 * came in a turn of the event loop.
 */
export const startLog: StartEngine = async ({ folder, handle }) => {
  const file = openSync(join(folder, 'registrations.log'), 'a')
  const settled = new Tally()
  let lines: string[] = []
  let waiting: (() => void)[] = []

  const flush = (): void => {
    const durable = waiting
    const text = lines.join('')
    lines = []
    waiting = []
    writeFileSync(file, text)
    fdatasyncSync(file)
    for (const tell of durable) tell()
  }

  const append = (line: string, tell: () => void): void => {
    if (lines.length === 0) setImmediate(flush)
    lines.push(line)
    waiting.push(tell)
  }

  const deliver = async (id: string, connector: string, user: string): Promise<void> => {
    await handle(user)
    append(`{"settled":"${id}","connector":"${connector}","at":${Date.now()}}\n`, () => settled.add())
  }

  return {
    servers: [],
    async accept(registration) {
      const id = randomUUID()
      const { promise, resolve } = Promise.withResolvers<void>()
      append(`${JSON.stringify({ id, connectors: CONNECTORS, ...registration })}\n`, resolve)
      await promise
      for (const connector of CONNECTORS) void deliver(id, connector, registration.user.id)
    },
    settled: (deliveries) => settled.reached(deliveries),
    close: async () => closeSync(file),
  }
}
