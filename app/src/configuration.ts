import type { Configuration } from '@onsignup/config'
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
