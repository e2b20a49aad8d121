import { findProgram, freePort, startServer, type Server } from './server.ts'

/** NATS with JetStream in the folder; the rest is its default. */
export const startNats = async (folder: string): Promise<Server & { readonly url: string }> => {
  const port = await freePort()
  const server = await startServer({
    program: findProgram('nats-server'),
    args: ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder],
    port,
    ready: /Server is ready/,
  })
  return { ...server, url: `nats://127.0.0.1:${port}` }
}
