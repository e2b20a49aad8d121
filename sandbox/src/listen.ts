import { once } from 'node:events'
import type { Server } from 'node:http'

/** A server that listens on loopback. */
export interface Listening {
  /** Such as http://127.0.0.1:4010 */
  readonly origin: string
  /** Cuts what is being answered. */
  close(): Promise<void>
}

/** Has a server listen on loopback; port 0 takes a free one. */
export async function listen(server: Server, port: number): Promise<Listening> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    origin: `http://127.0.0.1:${bound}`,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
