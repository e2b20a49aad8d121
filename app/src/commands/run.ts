import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { outlineConnectors } from '@onsignup/config'
import { delivered, Failure, type Outcome } from '@onsignup/core'
import { createMemoryStore, idempotencyKey, normalise } from '@onsignup/core/engine'
import auth0Hook from '@onsignup/auth0-hook'
import { analyseScript, type ScriptAnalysis } from '@onsignup/auth0-hook/modules'
import { registrationOf, sampleFor } from '../auth0-events.ts'
import { compose, CONNECTOR, LOGGER, STORE } from '../compose.ts'
import { CommandError, EXIT, print, printedLines, stateWord, styled, type Output } from '../output.ts'
import { readRegistrations } from '../registrations.ts'
import { scriptSchema } from './hooks.ts'

export interface RunScriptOptions {
  readonly config: string
  readonly event?: string
  readonly secret: readonly string[]
  readonly secretsFile?: string
  readonly network: 'on' | 'off'
  readonly timeout: string
  readonly json: boolean
}

const readText = async (file: string, mend: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch {
    throw new CommandError(EXIT.usage, `cannot read file ${file}`, mend)
  }
}

const secretsOf = async ({ secret, secretsFile }: RunScriptOptions): Promise<Record<string, string>> => {
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

/** What the configuration says of the script's modules, if there is one that uses it. */
const dependenciesOf = async (script: string, config: string): Promise<Readonly<Record<string, string>>> => {
  if (!existsSync(config)) return {}
  const { folder, connectors } = await outlineConnectors(config, process.env)
  for (const { uses, with: options } of connectors) {
    const { data } = scriptSchema.safeParse(options)
    if (uses === 'auth0-hook' && data && resolve(folder, data.script) === script) return data.dependencies
  }
  return {}
}

const eventOf = async (file: string | undefined, { kind }: ScriptAnalysis) => {
  const bodies =
    file === undefined ? [sampleFor(kind)] : (await readRegistrations(file)).map(({ body }) => body)
  if (bodies.length !== 1) {
    throw new CommandError(EXIT.usage, `${file} has ${bodies.length} events`, 'name a file with one')
  }
  return normalise(registrationOf(bodies[0]), Date.now(), randomUUID).event
}

/** What came of the run, as `--json` prints it. */
interface Ran {
  readonly script: string
  readonly kind: ScriptAnalysis['kind']
  readonly outcome: Outcome['kind']
  readonly code?: string
  readonly message?: string
  readonly mend?: string
  readonly response?: string
  readonly output: readonly string[]
  readonly ms: number
}

const described = (outcome: Outcome): Omit<Ran, 'script' | 'kind' | 'ms'> => {
  const output = printedLines(outcome.output ?? '')
  if (Failure.is(outcome)) {
    const { kind, code, message, mend } = outcome
    return { outcome: kind, code, message, ...(mend !== undefined && { mend }), output }
  }
  if (outcome.kind === 'skipped') return { outcome: 'skipped', message: outcome.reason, output }
  return {
    outcome: 'delivered',
    ...(outcome.detail !== undefined && { response: outcome.detail }),
    output,
  }
}

const tell = (ran: Ran, output: Output): void => {
  for (const line of ran.output) print(output, `${styled(output.stdout, 'dim', '|')} ${line}`)
  if (ran.response !== undefined) print(output, `response ${ran.response}`)
  const why = [ran.message, ran.mend && `→ ${ran.mend}`].filter((part) => part !== undefined).join(' ')
  const code = ran.code === undefined || ran.code === ran.outcome ? '' : ` (${ran.code})`
  print(output, `${stateWord(output, ran.outcome)} after ${ran.ms} ms${code}${why === '' ? '' : `: ${why}`}`)
}

/** Runs one script once, as a connector would, without a service: nothing is stored. */
export const runScript = async (
  script: string,
  options: RunScriptOptions,
  output: Output,
): Promise<number> => {
  const file = resolve(script)
  const analysis = analyseScript(await readText(file, 'name the file of a Hook or of an Action'))
  const secrets = await secretsOf(options)
  const event = await eventOf(options.event, analysis)
  const offline = { NODE_OPTIONS: `--import=${import.meta.resolve('@onsignup/auth0-hook/offline')}` }
  const container = compose({
    folder: dirname(file),
    store: ':memory:',
    connectors: [
      {
        name: 'script',
        uses: 'auth0-hook',
        usable: auth0Hook,
        with: {
          script: file,
          secrets,
          timeout: options.timeout,
          dependencies: await dependenciesOf(file, resolve(options.config)),
          ...(options.network === 'off' && { env: offline }),
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
  const begun = performance.now()
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  try {
    const result = await postUserRegistration(event, {
      connector: 'script',
      signal: stop.signal,
      deadline: new Date(Date.now() + settings.timeout),
      logger: await container.get(LOGGER),
      idempotencyKey: idempotencyKey(event.id, configured, 0),
      attempt: 1,
      afterUnknown: false,
    })
    const outcome = result ?? delivered()
    const ms = Math.round(performance.now() - begun)
    const ran = { script, kind: analysis.kind, ...described(outcome), ms }
    if (options.json) print(output, JSON.stringify(ran))
    else tell(ran, output)
    return outcome.kind === 'delivered' ? EXIT.ok : EXIT.failed
  } finally {
    process.off('SIGINT', interrupt)
    await connector.close?.()
    await store.close()
  }
}
