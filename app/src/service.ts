import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Client } from './client.ts'
import { readConfiguration } from './configuration.ts'

/** What a command that speaks to a running service was told of it. */
export interface ServiceOptions {
  readonly url?: string
  readonly token?: string
  readonly config: string
}

const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }

/** A client for the service that the options name, or that the configuration file describes. */
export const clientOf = async ({ url, token, config }: ServiceOptions): Promise<Client> => {
  const given = token ?? process.env['ONSIGNUP_TOKEN'] ?? null
  if (url !== undefined) return new Client(url, given)
  if (!existsSync(resolve(config))) return new Client('http://127.0.0.1:8080', given)
  const { server } = await readConfiguration(config)
  const host = LOOPBACK_OF[server.host] ?? server.host
  return new Client(`http://${host}:${server.port}`, token ?? server.token ?? given)
}
