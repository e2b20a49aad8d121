import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Client, type StandIn } from './client.ts'
import type { Output } from './output.ts'
import type { Absent, StoppedService } from './stopped-service.ts'

/** What a command that speaks to a running service was told of it. */
export interface ServiceOptions {
  readonly url?: string
  readonly token?: string
  readonly config: string
}

const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Where the service of a configuration file is, and its store, whatever is wrong with its connectors. */
export const readService = async (file: string) =>
  (await import('@onsignup/config')).outlineService(file, process.env)

const connect = async (
  { url, token, config }: ServiceOptions,
  standInFor: (absent: Absent) => StandIn | null,
): Promise<Client> => {
  const given = token ?? process.env['ONSIGNUP_TOKEN'] ?? null
  if (url !== undefined) return new Client(url, given)
  if (!existsSync(resolve(config))) return new Client('http://127.0.0.1:8080', given)
  const { server, store } = await readService(config)
  const host = LOOPBACK_OF[server.host] ?? server.host
  const described = `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`
  const standIn = standInFor({ url: described, store })
  return new Client(described, token ?? server.token ?? given, { standIn })
}

/** A client for the service that the options name, or that the configuration file describes. */
export const serviceOf = (options: ServiceOptions): Promise<Client> => connect(options, () => null)

/** Loaded when it is needed only: most commands meet a service. */
const storeOf = (absent: Absent, output: Output): StandIn => {
  let service: Promise<StoppedService> | undefined
  const load = async () => new (await import('./stopped-service.ts')).StoppedService(absent, output)
  return {
    fetch: async (request) => (await (service ??= load())).fetch(request),
    async [Symbol.asyncDispose]() {
      await (await service)?.[Symbol.asyncDispose]()
    },
  }
}

/** As `serviceOf`; where the configuration's service does not run, its store answers. */
export const clientOf = (options: ServiceOptions, output: Output): Promise<Client> =>
  connect(options, (absent) => storeOf(absent, output))
