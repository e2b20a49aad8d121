import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import type { Measure } from '../job.ts'
import { closedLoop } from '../load.ts'
import { cpuOf, memoryOf } from '../processes.ts'
import { startProgram } from '../program.ts'
import { CONNECTORS, registration } from '../registration.ts'
import { freePort, startServer, type Server } from '../servers/server.ts'
import { openClient, postOf } from './http-client.ts'

const WARM_UP = 2_000

const yaml = (hook: string): string =>
  `store: ./onsignup.db\nconnectors:\n${CONNECTORS.map((name) => `  ${name}:\n    uses: ./${hook}\n`).join('')}`

const startScript = async (name: string): Promise<Server> => {
  const port = await freePort()
  return startServer({
    program: process.execPath,
    args: [join(import.meta.dirname, name), String(port)],
    port,
    ready: /listens on/,
  })
}

const SERVERS: Readonly<Record<string, (program: string, folder: string) => Promise<Server>>> = {
  'node:http, nothing stored': () => startScript('bare-server.ts'),
  'onsignup, nothing stored': () => startScript('void-server.ts'),
  'onsignup, accept': (program, folder) =>
    startProgram(program, folder, {
      'onsignup.yaml': yaml('stuck.ts'),
      'stuck.ts': 'export default () => new Promise(() => {})\n',
    }),
  'onsignup, whole job': (program, folder) =>
    startProgram(program, folder, {
      'onsignup.yaml': yaml('noop.ts'),
      'noop.ts': 'export default async () => {}\n',
    }),
}

const listSchema = z.object({ deliveries: z.array(z.unknown()) })

/** Asks every 5 ms until no delivery is open. */
const allSettled = async ({ port }: Server): Promise<void> => {
  for (const state of ['running', 'pending', 'running']) {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}/deliveries?state=${state}&limit=1`)
      if (listSchema.parse(await response.json()).deliveries.length === 0) break
      await setTimeout(5)
    }
  }
}

/** A POST for each event, from this process to a server of its own. */
export const measureHttp: Measure = async ({ engine, callers, events, folder, program }) => {
  const start = SERVERS[engine]
  if (start === undefined) throw new Error(`there is no server ${engine}`)
  const server = await start(program, folder)
  const isWhole = engine.endsWith('whole job')
  const requests = Array.from({ length: WARM_UP + events }, (_, n) => postOf('/events', registration(n)))
  const clients = await Promise.all(Array.from({ length: callers }, () => openClient(server.port)))
  const free = [...clients]
  const ask = async (n: number): Promise<void> => {
    const client = free.pop()
    const request = requests[n]
    if (client === undefined || request === undefined) throw new Error(`nothing to send event ${n} with`)
    const status = await client.send(request)
    if (status !== 202) throw new Error(`event ${n} was answered ${status}`)
    free.push(client)
  }
  try {
    await closedLoop({ callers, from: 0, count: WARM_UP }, ask)
    if (isWhole) await allSettled(server)
    const cpu = cpuOf([server.pid])
    const began = performance.now()
    const { p50, p99 } = await closedLoop({ callers, from: WARM_UP, count: events }, ask)
    if (isWhole) await allSettled(server)
    const seconds = (performance.now() - began) / 1_000
    const serverCpu = (cpuOf([server.pid]) - cpu) / events
    return { perSecond: events / seconds, p50, p99, serverCpu, peak: memoryOf(server.pid, 'peak') }
  } finally {
    for (const client of clients) client.close()
    // It holds handlers that never answer, and would wait for them.
    process.kill(server.pid, 'SIGKILL')
  }
}
