import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Configuration } from '@onsignup/config'
import { Client } from './client.ts'
import type { ConnectorUse } from './compose.ts'

/** Reads the configuration with this process's environment and plugins; throws ConfigurationError. */
export const readConfiguration = async (file: string): Promise<Configuration> => {
  // A command that is told an address needs none of this, which takes most of its time to load.
  const [{ loadConfiguration }, { resolvePlugin }, { resolveSource }] = await Promise.all([
    import('@onsignup/config'),
    import('./plugins.ts'),
    import('./sources.ts'),
  ])
  return loadConfiguration(file, { env: process.env, resolvePlugin, resolveSource })
}

/** The file's connectors, as the composition root takes them. */
export const connectorUses = ({ connectors }: Configuration): readonly ConnectorUse[] =>
  connectors.map(({ name, uses, usable, with: options, settings, if: condition }) => ({
    name,
    uses,
    usable,
    with: options,
    ...settings,
    ...(condition === undefined ? {} : { if: condition }),
  }))

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
