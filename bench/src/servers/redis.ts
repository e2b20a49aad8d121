import { findProgram, freePort, startServer, type Server } from './server.ts'

/** Redis with every write on disk before it is answered, and nothing evicted, as BullMQ asks for. */
export const startRedis = async (folder: string): Promise<Server> => {
  const port = await freePort()
  return startServer({
    program: findProgram('redis-server'),
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'],
    ],
    port,
    ready: /Ready to accept connections/,
  })
}
