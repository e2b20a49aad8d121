import {
  CONTRACT_VERSION,
  PLUGIN,
  type Connector,
  type Hook,
  type Limit,
  type Repeats,
  type Services,
} from './contract.ts'
import { isPlugin, type Plugin } from './define-plugin.ts'
import { OnSignupError } from './errors.ts'
import type { RegistrationEvent } from './event/schema.ts'
import { nearest } from './nearest.ts'
import { withFields } from './ports.ts'
import { intervalOf, type BucketLimit } from './rate.ts'
import { resolveSettings, type ResolvedSettings, type Settings } from './settings.ts'
import { compileCondition } from './template/templates.ts'
import { validOptions } from './valid-options.ts'

/** A connector as the engine runs it. */
export interface ConfiguredConnector {
  readonly name: string
  /** The name that its idempotency keys are made of: as its row in the store says, else its name. */
  readonly keyName: string
  /** What it is a use of: a change of it is another connector in the store. */
  readonly uses: string
  readonly connector: Connector
  readonly settings: ResolvedSettings
  readonly repeats: Repeats
  /** The limits that all its attempts count towards. */
  readonly pace: readonly BucketLimit[]
  /** Further limits, which depend on the event; null: none. */
  readonly limits: ((event: RegistrationEvent) => readonly BucketLimit[]) | null
  /** Whether the connector's `if` holds. */
  readonly condition: (event: RegistrationEvent) => boolean
}

/** The settings of a connector in code; the names are the YAML's. */
export interface ConnectorSettings extends Settings {
  readonly if?: string
}

const MEMBERS = [
  'postUserRegistration',
  'postUserRegistrationBatch',
  'repeats',
  'start',
  'preview',
  'check',
  'limits',
  'notify',
  'close',
] as const satisfies readonly (keyof Connector)[]

const always = (): boolean => true

/** TypeScript lets a misspelt optional member pass, so it is looked for here. */
const checkMembers = (name: string, connector: Connector): void => {
  const refuse = (message: string, mend: string) => {
    throw new OnSignupError('connector_invalid', `connector ${name}: ${message}`, { mend })
  }
  if (typeof connector !== 'object' || connector === null) {
    refuse('connect returned no object', 'return { postUserRegistration }')
  }
  const members = Object.entries(connector)
  for (const [member, value] of members) {
    const known = MEMBERS.find((candidate) => candidate === member)
    if (known === undefined) {
      const meant = nearest(member, MEMBERS)
      refuse(
        `the contract has no member ${member}`,
        meant === undefined ? `remove it; members are ${MEMBERS.join(', ')}` : `did you mean ${meant}?`,
      )
    } else if (known === 'repeats') {
      if (value !== undefined && value !== 'harmless' && value !== 'harmful') {
        refuse(`repeats is ${JSON.stringify(value)}`, 'make it harmless or harmful')
      }
    } else if (known === 'limits' && Array.isArray(value)) {
      continue
    } else if (value !== undefined && typeof value !== 'function') {
      refuse(`${member} is not a function`, 'make it one')
    }
  }
  if (!connector.postUserRegistration && !connector.postUserRegistrationBatch) {
    refuse('it has no postUserRegistration', 'write one; it is what runs on a registration')
  }
}

const connect = async (plugin: Plugin, options: unknown, services: Services): Promise<Connector> => {
  try {
    return await plugin.connect(options, services)
  } catch (error) {
    if (error instanceof OnSignupError) throw error
    throw new OnSignupError(
      'options_invalid',
      `connector ${services.connector} (${plugin.name}): ${error instanceof Error ? error.message : String(error)}`,
      { mend: `see the options of ${plugin.name}`, cause: error },
    )
  }
}

/** Runs a plugin's `connect` on options that its schema accepts and checks what it returned. */
export const connectPlugin = async (
  plugin: Plugin,
  options: unknown,
  services: Services,
): Promise<Connector> => {
  const version = plugin[PLUGIN]
  if (version > CONTRACT_VERSION) {
    throw new OnSignupError(
      'contract_unsupported',
      `plugin ${plugin.name} was built for version ${version} of the hook contract, this engine speaks ${CONTRACT_VERSION}`,
      { mend: 'update onsignup, or install an older version of the plugin' },
    )
  }
  const valid = await validOptions(plugin.options, options, {
    owner: `connector ${services.connector} (${plugin.name})`,
    of: plugin.name,
    under: 'with',
  })
  const connector = await connect(plugin, valid, services)
  checkMembers(services.connector, connector)
  return connector
}

/** What `use` takes: a plugin, or a function that is the hook itself. */
export type Usable = Plugin | Hook

export const isUsable = (value: unknown): value is Usable => isPlugin(value) || typeof value === 'function'

export interface Use extends ConnectorSettings {
  /** The plugin's options. */
  readonly with?: unknown
}

/** What a plugin's bucket is called beside those of others. */
export const pluginBucket = (uses: string, bucket: string): string => `plugin ${uses} ${bucket}`

const limitsOf = (
  { connector: name, logger, templates }: Services,
  uses: string,
  { rate }: ResolvedSettings,
  { limits = [] }: Connector,
): Pick<ConfiguredConnector, 'pace' | 'limits'> => {
  const bucket = rate?.bucket == null ? `connector ${name}` : `bucket ${rate.bucket}`
  const own = rate === null ? [] : [{ bucket, interval: rate.interval, burst: rate.burst }]
  const plugins = (given: readonly Limit[]): readonly BucketLimit[] =>
    given.map((limit) => ({
      bucket: pluginBucket(uses, limit.bucket),
      interval: intervalOf(limit.rate),
      burst: limit.burst ?? 1,
    }))
  const key = rate?.key == null ? null : templates.text(rate.key, (value) => value)
  const keyed = (event: RegistrationEvent): readonly BucketLimit[] =>
    key === null ? [] : own.map((limit) => ({ ...limit, bucket: `${bucket} ${key(event)}` }))
  const isFunction = typeof limits === 'function'
  const all = (event: RegistrationEvent): readonly BucketLimit[] => {
    try {
      return [...keyed(event), ...(isFunction ? plugins(limits(event)) : [])]
    } catch (error) {
      // The hook meets the same event, and what it makes of it is in the history.
      logger.warn({ err: error, connector: name, event: event.id }, 'it starts without a limit')
      return []
    }
  }
  return {
    pace: [...(key === null ? own : []), ...(isFunction ? [] : plugins(limits))],
    limits: key !== null || isFunction ? all : null,
  }
}

const invalid = (name: string, message: string, mend: string): OnSignupError =>
  new OnSignupError('connector_invalid', `connector ${name} ${message}`, { mend })

const connectorOf = async (usable: Usable, options: unknown, services: Services): Promise<Connector> => {
  const name = services.connector
  if (isPlugin(usable)) {
    const logger = withFields(services.logger, { connector: name })
    return connectPlugin(usable, options, { ...services, logger })
  }
  if (typeof usable !== 'function') {
    const mend = 'use what definePlugin returns, or an async function (event, run) => …'
    throw invalid(name, 'is neither a plugin nor a function', mend)
  }
  // It would be called without its callback, fail, and be tried again until it is dead.
  if (usable.length > 2) {
    const mend =
      'if it is an Auth0 Hook (user, context, cb), wrap it: fromAuth0Hook(…) of @onsignup/auth0-hook'
    throw invalid(name, `is a function of ${usable.length} arguments; a hook takes (event, run)`, mend)
  }
  return { postUserRegistration: usable }
}

/** Makes a connector of a plugin or a function, ready to run. */
export const configureConnector = async (
  usable: Usable,
  { with: options = {}, if: condition, ...settings }: Use,
  uses: string,
  services: Services,
): Promise<ConfiguredConnector> => {
  const name = services.connector
  const plugin = isPlugin(usable) ? usable : undefined
  const holds = condition === undefined ? always : compileCondition(condition)
  const connector = await connectorOf(usable, options, services)
  if (settings.batch !== undefined && connector.postUserRegistrationBatch === undefined) {
    throw invalid(name, 'has batch settings, but its plugin sends one at a time', 'remove batch')
  }
  const resolved = resolveSettings(settings, plugin?.defaults)
  if (resolved.rate?.key != null && resolved.batch.max_records > 1 && connector.postUserRegistrationBatch) {
    throw invalid(name, 'has a rate with a key, but its plugin sends many at once', 'remove rate.key')
  }
  return {
    name,
    keyName: name,
    uses,
    connector,
    settings: resolved,
    ...limitsOf(services, uses, resolved, connector),
    repeats: connector.repeats ?? plugin?.repeats ?? 'harmful',
    condition: holds,
  }
}
