import { once } from 'node:events'
import { BUS, compose, EVENTS, LOGGER, SERVER, SOURCE, STORE } from '../compose.ts'
import { connectorUses, readConfiguration } from '../configuration.ts'
import { logEvents } from '../log-events.ts'
import type { Level } from '../logger.ts'
import { columns, EXIT, print, type Output } from '../output.ts'

export interface StartOptions {
  readonly config: string
  readonly port?: number
  readonly logLevel: Level
}

/** Runs the service until SIGTERM or SIGINT, then stops gracefully. */
export const start = async (options: StartOptions, output: Output): Promise<number> => {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const configuration = await readConfiguration(options.config)
  const { alerts, file, folder, retention, secrets, server, sources, store } = configuration
  const container = compose({
    folder,
    store,
    secrets,
    sources,
    connectors: connectorUses(configuration),
    server: { port: options.port ?? server.port, host: server.host },
    token: server.token,
    grace: server.grace,
    retention,
    alerts,
    logLevel: options.logLevel,
  })
  const logger = await container.get(LOGGER)
  logEvents(await container.get(EVENTS), logger)
  try {
    await container.open()
  } catch (error) {
    await container.close()
    throw error
  }
  for (const row of await (await container.get(STORE)).connectors()) {
    if (row.current && row.paused !== null) {
      const since = new Date(row.paused).toISOString()
      logger.warn({ connector: row.name, since }, `${row.name} is paused until you resume it`)
    }
  }
  const { url } = await container.get(SERVER)
  print(
    output,
    `onsignup listens on ${url}${server.token === null ? ' (no server.token is set: loopback only)' : ''}`,
  )
  print(output, `configuration ${file}, store ${store}`)
  const endpoints = (await container.all(SOURCE)).flat()
  for (const { path } of endpoints) print(output, `  POST ${path}`)
  for (const line of columns(configuration.connectors.map(({ name, uses }) => [`  ${name}`, uses])))
    print(output, line)

  const [signal] = await stopped
  print(output, `${signal}: finishing what is in flight`)
  process.once('SIGINT', () => process.exit(EXIT.failed))
  const bus = await container.get(BUS)
  bus.close()
  await container.close()
  print(output, 'stopped')
  return EXIT.ok
}
