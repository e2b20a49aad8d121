import type { ConfiguredConnector } from '@onsignup/core/engine'
import type { Endpoint } from '@onsignup/sources'
import { ALERTS, CLOCK, compose, CONNECTOR, LOGGER, SOURCE } from './compose.ts'
import { connectorUses, readConfiguration } from './configuration.ts'
import type { Clock, Logger } from '@onsignup/core'

/** The configured connectors without an engine: nothing listens, no store is opened, nothing is sent. */
export interface Connected extends AsyncDisposable {
  readonly file: string
  /** The path of the store, which may not be there. */
  readonly store: string
  readonly connectors: readonly ConfiguredConnector[]
  /** Where identity providers would send to. */
  readonly endpoints: readonly Endpoint[]
  readonly clock: Clock
  readonly logger: Logger
}

/** Connects what the file configures; throws ConfigurationError. */
export const connected = async (config: string): Promise<Connected> => {
  const configuration = await readConfiguration(config)
  const container = compose({
    ...configuration,
    connectors: connectorUses(configuration),
    server: null,
    token: null,
    grace: 0,
    logLevel: 'warn',
  })
  const connectors = await container.all(CONNECTOR)
  // Throws when they cannot go where the file says.
  await container.get(ALERTS)
  return {
    file: configuration.file,
    store: configuration.store,
    connectors,
    endpoints: (await container.all(SOURCE)).flat(),
    clock: await container.get(CLOCK),
    logger: await container.get(LOGGER),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(connectors.map(async ({ connector }) => connector.close?.()))
    },
  }
}
