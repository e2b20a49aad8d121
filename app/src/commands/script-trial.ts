import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { outlineConnectors } from '@onsignup/config'
import { delivered, type Outcome, type Plugin, type RegistrationEvent } from '@onsignup/core'
import { createMemoryStore, idempotencyKey } from '@onsignup/core/engine'
import { analyseScript, type ScriptAnalysis } from '@onsignup/auth0-hook/modules'
import { compose, CONNECTOR, LOGGER, STORE } from '../compose.ts'
import { CommandError, EXIT, type Output } from '../output.ts'
import { scriptSchema } from './hooks.ts'

export interface TrialOptions {
  readonly config: string
  readonly secret: readonly string[]
  readonly secretsFile?: string
  readonly network: 'on' | 'off'
  readonly timeout: string
}

/** A script that runs as a connector would, without a service: nothing is stored. */
export interface Trial extends AsyncDisposable {
  readonly kind: ScriptAnalysis['kind']
  /** `key`: what the script finds as its idempotency key, and what the plugin tells of it under. */
  run(event: RegistrationEvent, signal: AbortSignal, key?: string): Promise<Outcome>
}

const readText = async (file: string, mend: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch {
    throw new CommandError(EXIT.usage, `cannot read file ${file}`, mend)
  }
}

const secretsOf = async ({ secret, secretsFile }: TrialOptions): Promise<Record<string, string>> => {
  const pairs = secret.map((pair): [string, string] => {
    const end = pair.indexOf('=')
    if (end > 0) return [pair.slice(0, end), pair.slice(end + 1)]
    // What stands there may be the secret itself.
    throw new CommandError(EXIT.usage, 'a --secret has no name', 'write --secret NAME=VALUE')
  })
  if (secretsFile === undefined) return Object.fromEntries(pairs)
  const text = await readText(secretsFile, 'name a file with a line NAME=VALUE for each secret')
  const lines = Object.entries(parseEnv(text)).map(([name, value]) => [name, value ?? ''] as const)
  return Object.fromEntries([...lines, ...pairs])
}

/** What the configuration says of how the script runs, if there is one that uses it; its secrets and its env stay away. */
const configuredFor = async (script: string, config: string): Promise<object> => {
  if (!existsSync(config)) return {}
  const { folder, connectors } = await outlineConnectors(config, process.env)
  for (const { uses, with: options } of connectors) {
    const { data } = scriptSchema.safeParse(options)
    if (uses !== 'auth0-hook' || !data || resolve(folder, data.script) !== script) continue
    const { dependencies, configuration } = data
    return { dependencies, ...(configuration !== undefined && { configuration }) }
  }
  return {}
}

const OFFLINE = { NODE_OPTIONS: `--import=${import.meta.resolve('@onsignup/auth0-hook/offline')}` }

/** Connects a script to a plugin for Auth0 scripts; names the secrets that it reads and is not given. */
export const startTrial = async (
  script: string,
  options: TrialOptions,
  usable: Plugin,
  { stderr }: Output,
): Promise<Trial> => {
  const file = resolve(script)
  const source = await readText(file, 'name the file of a Hook or of an Action')
  const { kind, secrets: read } = analyseScript(source)
  const secrets = await secretsOf(options)
  for (const { name, line } of read) {
    if (Object.hasOwn(secrets, name)) continue
    stderr.write(`${script}:${line}: the secret ${name} is not given → add: --secret ${name}=VALUE\n`)
  }
  const container = compose({
    folder: dirname(file),
    store: ':memory:',
    connectors: [
      {
        name: 'script',
        uses: 'auth0-hook',
        usable,
        with: {
          script: file,
          secrets,
          timeout: options.timeout,
          ...(await configuredFor(file, resolve(options.config))),
          ...(options.network === 'off' && { env: OFFLINE }),
        },
      },
    ],
    secrets: Object.values(secrets),
    server: null,
    token: null,
    grace: 0,
    retention: null,
    alerts: null,
    logLevel: 'silent',
  }).replace(STORE, createMemoryStore)
  const store = await container.get(STORE)
  await store.open(Date.now())
  const [configured] = await container.all(CONNECTOR)
  if (configured?.connector.postUserRegistration === undefined) throw new Error('the plugin has no hook')
  const { connector, settings } = configured
  const { postUserRegistration } = connector
  const logger = await container.get(LOGGER)
  return {
    kind,
    async run(event, signal, key = idempotencyKey(event.id, configured, 0)) {
      const result = await postUserRegistration(event, {
        connector: 'script',
        signal,
        deadline: new Date(Date.now() + settings.timeout),
        logger,
        idempotencyKey: key,
        attempt: 1,
        afterUnknown: false,
      })
      return result ?? delivered()
    },
    async [Symbol.asyncDispose]() {
      await connector.close?.()
      await store.close()
    },
  }
}
