import type { DeliveryView } from '@onsignup/core/engine'
import { BUS, CLOCK, compose, DISPATCHER, STORE } from 'onsignup/compose'
import { connectorUses, readConfiguration } from 'onsignup/configuration'
import { createFolder } from './folder.ts'
import { until } from './until.ts'

/** The program of a YAML file in this process, without its HTTP server. */
export interface Composed extends AsyncDisposable {
  readonly container: ReturnType<typeof compose>
  publish(registration: unknown): Promise<{ readonly id: string; readonly duplicate: boolean }>
  /** Waits until nothing runs and nothing is due, as what waits for its turn is. */
  idle(): Promise<void>
  /** By the connector's name. */
  deliveries(event: string): Promise<Record<string, DeliveryView>>
}

/** Reads the file, composes it, lets the test replace parts, and opens it. */
export const composeFile = async (
  yaml: string,
  replace: (container: ReturnType<typeof compose>) => void = () => {},
): Promise<Composed> => {
  const folder = await createFolder()
  const configuration = await readConfiguration(await folder.write('onsignup.yaml', yaml))
  const container = compose({
    ...configuration,
    connectors: connectorUses(configuration),
    server: null,
    token: null,
    grace: 1_000,
    logLevel: 'silent',
  })
  replace(container)
  await container.open()
  const bus = await container.get(BUS)
  const dispatcher = await container.get(DISPATCHER)
  const store = await container.get(STORE)
  const clock = await container.get(CLOCK)
  return {
    container,
    publish: (registration) => bus.publish(registration),
    async idle() {
      await until('nothing is due', async () => {
        await dispatcher.idle()
        const now = clock.now()
        const due = (['pending', 'running'] as const).map((state) =>
          store.deliveries({ state, limit: 1 }, now),
        )
        return (await Promise.all(due)).every(({ length }) => length === 0)
      })
    },
    async deliveries(event) {
      const deliveries = await store.deliveries({ event, limit: 100 }, Date.now())
      return Object.fromEntries(deliveries.map((delivery) => [delivery.connector, delivery]))
    },
    async [Symbol.asyncDispose]() {
      await container.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
