import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'

/** What the far side saw of one delivery. */
export interface Visits {
  readonly arrived: number
  /** Those that it took on: all but those that it answered with 500. */
  readonly taken: number
  /** Every visit brought the same idempotency key. */
  readonly sameKey: boolean
}

/** Where all connectors deliver to. It lives in the process that kills, and so outlives every kill. */
export interface FarSide extends AsyncDisposable {
  readonly url: string
  /** Connections that are open now. */
  readonly connections: number
  visits(connector: string, event: string): Visits
}

export interface FarSideOptions {
  readonly random: () => number
  /** Longest time until an answer, in milliseconds; drawn anew for each. */
  readonly latency: number
  /** The share that is answered with 500. */
  readonly failing: number
  /** Told of every visit. */
  readonly onArrival?: (connector: string, event: string) => void
}

interface Ledger extends Visits {
  readonly key: string
}

const NONE: Visits = { arrived: 0, taken: 0, sameKey: true }

const delivery = z.strictObject({ event: z.string(), connector: z.string(), key: z.string() })

export const startFarSide = async ({
  random,
  latency,
  failing,
  onArrival,
}: FarSideOptions): Promise<FarSide> => {
  const ledgers = new Map<string, Ledger>()
  let connections = 0

  const note = async (request: IncomingMessage): Promise<boolean> => {
    const { connector, event, key } = delivery.parse(JSON.parse(await text(request)))
    onArrival?.(connector, event)
    const name = `${connector} ${event}`
    const known = ledgers.get(name) ?? { ...NONE, key }
    const takes = random() >= failing
    ledgers.set(name, {
      key,
      arrived: known.arrived + 1,
      taken: known.taken + (takes ? 1 : 0),
      sameKey: known.sameKey && known.key === key,
    })
    return takes
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const took = await note(request)
    await pause(random() * latency)
    response.writeHead(took ? 200 : 500).end()
  }

  const server = createServer((request, response) => {
    // Cut short by a kill: what did not arrive whole is not counted.
    answer(request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    connections += 1
    socket.once('close', () => (connections -= 1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/`,
    get connections() {
      return connections
    },
    visits: (connector, event) => ledgers.get(`${connector} ${event}`) ?? NONE,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
