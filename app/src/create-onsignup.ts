import { resolve } from 'node:path'
import { isPlugin, milliseconds, type Logger } from '@onsignup/core'
import {
  buildOnSignup,
  secretsOf,
  silentLogger,
  type NamedUse,
  type OnSignup,
  type Running,
} from '@onsignup/core/engine'
import type { SourceOptions } from '@onsignup/sources'
import { API, BUS, compose, DISPATCHER, EVENTS, LOGGER, type Api, type ConnectorUse } from './compose.ts'
import { problemResponse } from './http/problem.ts'
import { sourceOf, sourceUses, type SourceUse } from './sources.ts'

export interface OnSignupOptions {
  /** The path of the SQLite file; its folder is made. Default: ./data/onsignup.db. */
  readonly store?: string
  /**
   * The identity providers that send registrations themselves, each to `/sources/NAME` of `fetch`: the YAML's, under
   * the provider's name or, with `uses`, under one of yours. They are known by their own secrets, whatever `token` is.
   */
  readonly sources?: Readonly<Record<string, SourceOptions>>
  /**
   * What `fetch` wants as `Authorization: Bearer`. Null says in words that whoever reaches your route may publish
   * and read; without either, `fetch` serves the sources only.
   */
  readonly token?: string | null
  /** Where `fetch` is mounted, as `/api/onsignup`. Default: the root. */
  readonly basePath?: string
  /** What relative paths of options are relative to. Default: the working folder. */
  readonly folder?: string
  /** Milliseconds that `close` waits for what is in flight. Default: 8000. */
  readonly grace?: number
  /** How long events are kept after their deliveries ended, as `2160h`. Default: for ever. */
  readonly retention?: string
  /** The connector that is told when another is parked. Default: none. */
  readonly alerts?: string
  /** A pino logger fits. Default: none. */
  readonly logger?: Logger
}

/** The engine in your program, with its HTTP interface. */
export interface OnSignupApp extends OnSignup {
  /** The HTTP interface of docs/http.md as a web-standard handler, bound. */
  readonly fetch: (request: Request) => Promise<Response>
}

interface RunningApp extends Running {
  readonly api: Api
}

const withUses = (use: NamedUse): ConnectorUse => ({
  ...use,
  uses: isPlugin(use.usable) ? use.usable.name : 'function',
})

const secretsOfSource = ({ uses, options }: SourceUse): string[] => secretsOf(sourceOf(uses).options, options)

const secretsOfConnector = ({ usable, with: options }: NamedUse): string[] =>
  isPlugin(usable) ? secretsOf(usable.options, options) : []

const NOT_RUNNING = {
  status: 503,
  code: 'not_started',
  title: 'the engine does not run',
  mend: 'see the log; call start() where your program starts, so that this shows there',
} as const

/** Makes an engine that embeds in your program; inert until it is first used, so that a build may import it. */
export const createOnSignup = (options: OnSignupOptions = {}): OnSignupApp => {
  const { folder = process.cwd(), grace = 8_000, logger = silentLogger, token = false, basePath } = options
  const { running, ...onsignup } = buildOnSignup<RunningApp>(logger, async (uses, events) => {
    const sources = sourceUses(options.sources ?? {})
    const container = compose({
      folder,
      store: resolve(folder, options.store ?? './data/onsignup.db'),
      sources,
      connectors: uses.map(withUses),
      secrets: [
        ...sources.flatMap(secretsOfSource),
        ...uses.flatMap(secretsOfConnector),
        ...(token ? [token] : []),
      ],
      server: null,
      token,
      ...(basePath === undefined ? {} : { basePath }),
      grace,
      retention: options.retention === undefined ? null : milliseconds(options.retention),
      alerts: options.alerts ?? null,
    })
      .replace(EVENTS, () => events)
      .replace(LOGGER, () => logger)
    try {
      await container.open()
    } catch (error) {
      await container.close()
      throw error
    }
    return {
      bus: await container.get(BUS),
      dispatcher: await container.get(DISPATCHER),
      api: await container.get(API),
      close: () => container.close(),
    }
  })
  return {
    ...onsignup,
    use(name, usable, use) {
      onsignup.use(name, usable, use)
      return this
    },
    async fetch(request) {
      try {
        return await (await running()).api.fetch(request)
      } catch (error) {
        logger.error({ err: error }, 'the engine does not answer')
        return problemResponse(NOT_RUNNING, { 'Retry-After': '5' })
      }
    },
  }
}
