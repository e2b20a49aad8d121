import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  createRedact,
  OnSignupError,
  type Clock,
  type Files,
  type Logger,
  type Redact,
  type Templates,
} from '@onsignup/core'
import {
  Alerts,
  configureConnector,
  ConnectorRegistry,
  Container,
  createState,
  createTemplates,
  Dispatcher,
  EventHub,
  RegistrationBus,
  Retention,
  systemClock,
  token,
  type ConfiguredConnector,
  type NamedUse,
  type Random,
  type Store,
} from '@onsignup/core/engine'
import type { Endpoint } from '@onsignup/sources'
import { createSqliteStore } from '@onsignup/store'
import { boundedFetch } from './bounded-fetch.ts'
import { createApi } from './http/api.ts'
import type { CallersToken } from './http/bearer.ts'
import { createIntake, type Intake } from './http/intake.ts'
import { nodeIntake } from './http/node-intake.ts'
import { createLogger, type Level } from './logger.ts'
import { Metrics } from './metrics.ts'
import { Server, webListener } from './server.ts'
import { sourceOf, type SourceUse } from './sources.ts'

/** A connector to compose: `uses` is what the store knows it by. */
export interface ConnectorUse extends NamedUse {
  readonly uses: string
}

/** All that decides how the program is composed. */
export interface ProgramConfiguration {
  /** What relative paths of options are relative to. */
  readonly folder: string
  /** The path of the SQLite file. */
  readonly store: string
  /** Default: none, so that registrations come in through the bus and `POST /events` only. */
  readonly sources?: readonly SourceUse[]
  readonly connectors: readonly ConnectorUse[]
  /** Values that must never be shown. */
  readonly secrets: readonly string[]
  /** Null: nothing listens, the handler is for embedding. */
  readonly server: { readonly port: number; readonly host: string } | null
  readonly token: CallersToken
  readonly basePath?: string
  /** Milliseconds that a stop waits for what is in flight. */
  readonly grace: number
  /** Milliseconds that events are kept after they ended; null: for ever. */
  readonly retention: number | null
  /** The connector that is told when another is parked; null: none. */
  readonly alerts: string | null
  readonly logLevel?: Level
}

export type Api = ReturnType<typeof createApi>

export const CLOCK = token<Clock>('clock')
export const RANDOM = token<Random>('random')
export const FETCH = token<typeof globalThis.fetch>('fetch')
export const REDACT = token<Redact>('redact')
export const LOGGER = token<Logger>('logger')
export const TEMPLATES = token<Templates>('templates')
export const FILES = token<Files>('files')
export const EVENTS = token<EventHub>('events')
export const STORE = token<Store>('store')
/** A list: one for each configured connector. */
export const CONNECTOR = token<ConfiguredConnector>('connector')
export const CONNECTORS = token<ConnectorRegistry>('connectors')
export const ALERTS = token<Alerts>('alerts')
export const DISPATCHER = token<Dispatcher>('dispatcher')
export const RETENTION = token<Retention>('retention')
export const BUS = token<RegistrationBus>('bus')
export const METRICS = token<Metrics>('metrics')
/** A list: one for each configured source. */
export const SOURCE = token<readonly Endpoint[]>('source')
export const INTAKE = token<Intake>('intake')
export const API = token<Api>('api')
export const SERVER = token<Server>('server')

/** The composition root: every part of the program, from what nothing needs to what needs all. */
export const compose = (configuration: ProgramConfiguration): Container => {
  const container = new Container()
    .provide(CLOCK, () => systemClock)
    .provide(RANDOM, () => Math.random)
    .provide(FETCH, () => boundedFetch((...args) => globalThis.fetch(...args)))
    .provide(REDACT, () => createRedact(configuration.secrets))
    .provide(LOGGER, async (parts) => createLogger(await parts.get(REDACT), configuration.logLevel))
    .provide(TEMPLATES, createTemplates)
    .provide(FILES, () => filesIn(configuration.folder))
    .provide(EVENTS, async (parts) => new EventHub(await parts.get(LOGGER)))

  for (const { name, uses, usable, ...use } of configuration.connectors) {
    container.add(CONNECTOR, async (parts) =>
      configureConnector(usable, use, uses, {
        connector: name,
        logger: await parts.get(LOGGER),
        clock: await parts.get(CLOCK),
        fetch: await parts.get(FETCH),
        templates: await parts.get(TEMPLATES),
        files: await parts.get(FILES),
        state: createState(await parts.get(STORE), { name, uses }),
        folder: configuration.folder,
      }),
    )
  }

  for (const { name, uses, options } of configuration.sources ?? []) {
    container.add(SOURCE, () => sourceOf(uses).connect(options, name))
  }

  container
    .provide(STORE, () => createSqliteStore({ path: configuration.store }), {
      open: async (store) => store.open((await container.get(CLOCK)).now()),
      close: (store) => store.close(),
    })
    .provide(
      CONNECTORS,
      async (parts) => new ConnectorRegistry(await parts.all(CONNECTOR), await parts.get(STORE)),
      { open: (connectors) => connectors.open(), close: (connectors) => connectors.close() },
    )
    .provide(
      ALERTS,
      async (parts) =>
        new Alerts({
          through: configuration.alerts,
          connectors: await parts.get(CONNECTORS),
          events: await parts.get(EVENTS),
          clock: await parts.get(CLOCK),
          logger: await parts.get(LOGGER),
        }),
      { open: (alerts) => alerts.start(), close: (alerts) => alerts.stop() },
    )
    .provide(
      DISPATCHER,
      async (parts) =>
        new Dispatcher({
          store: await parts.get(STORE),
          connectors: await parts.get(CONNECTORS),
          events: await parts.get(EVENTS),
          clock: await parts.get(CLOCK),
          logger: await parts.get(LOGGER),
          random: await parts.get(RANDOM),
          redact: await parts.get(REDACT),
        }),
      {
        open: (dispatcher) => dispatcher.start(),
        close: (dispatcher) => dispatcher.stop(configuration.grace),
      },
    )
    .provide(
      RETENTION,
      async (parts) =>
        new Retention({
          store: await parts.get(STORE),
          clock: await parts.get(CLOCK),
          logger: await parts.get(LOGGER),
          keep: configuration.retention,
        }),
      { open: (retention) => retention.start(), close: (retention) => retention.stop() },
    )
    .provide(
      BUS,
      async (parts) =>
        new RegistrationBus({
          store: await parts.get(STORE),
          connectors: await parts.get(CONNECTORS),
          dispatcher: await parts.get(DISPATCHER),
          events: await parts.get(EVENTS),
          clock: await parts.get(CLOCK),
        }),
      { close: (bus) => bus.close() },
    )
    .provide(
      METRICS,
      async (parts) =>
        new Metrics({
          events: await parts.get(EVENTS),
          store: await parts.get(STORE),
          connectors: await parts.get(CONNECTORS),
          clock: await parts.get(CLOCK),
        }),
    )
    .provide(INTAKE, async (parts) =>
      createIntake({
        bus: await parts.get(BUS),
        logger: await parts.get(LOGGER),
        token: configuration.token,
      }),
    )
    .provide(API, async (parts) => {
      const clock = await parts.get(CLOCK)
      return createApi({
        intake: await parts.get(INTAKE),
        endpoints: (await parts.all(SOURCE)).flat(),
        bus: await parts.get(BUS),
        dispatcher: await parts.get(DISPATCHER),
        store: await parts.get(STORE),
        logger: await parts.get(LOGGER),
        metrics: await parts.get(METRICS),
        now: () => clock.now(),
        token: configuration.token,
        ...(configuration.basePath === undefined ? {} : { basePath: configuration.basePath }),
      })
    })

  const { server } = configuration
  if (server !== null) {
    container.provide(
      SERVER,
      async (parts) =>
        new Server(nodeIntake(await parts.get(INTAKE), webListener(await parts.get(API))), server),
      { open: (listener) => listener.open(), close: (listener) => listener.close() },
    )
  }
  return container
}

const filesIn = (folder: string): Files => ({
  async read(path) {
    const file = resolve(folder, path)
    try {
      return await readFile(file, 'utf8')
    } catch (cause) {
      throw new OnSignupError('file_unreadable', `${file} cannot be read`, {
        mend: 'correct the path; it is relative to the folder of the configuration',
        cause,
      })
    }
  },
})
