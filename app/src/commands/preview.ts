import { idempotencyKey, normalise, type ConfiguredConnector } from '@onsignup/core/engine'
import { OnSignupError, type RegistrationEvent } from '@onsignup/core'
import { readSqliteStore } from '@onsignup/store'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { connected } from '../connected.ts'
import { CommandError, EXIT, print, styled, type Output } from '../output.ts'
import { readRegistrations } from '../registrations.ts'

export interface PreviewOptions {
  readonly config: string
  readonly connector?: string
  readonly json: boolean
}

interface Previewed {
  readonly connector: string
  readonly state: 'would send' | 'skipped' | 'failed' | 'no preview'
  readonly reason?: string
  readonly title?: string
  readonly contentType?: string
  readonly body?: string
}

const previewOf = async (configured: ConfiguredConnector, event: RegistrationEvent): Promise<Previewed> => {
  const { name, condition, connector } = configured
  try {
    if (!condition(event)) return { connector: name, state: 'skipped', reason: 'its if is false' }
    if (connector.preview === undefined) return { connector: name, state: 'no preview' }
    const attempt = { idempotencyKey: idempotencyKey(event.id, configured, 0) }
    return { connector: name, state: 'would send', ...(await connector.preview(event, attempt)) }
  } catch (error) {
    return {
      connector: name,
      state: 'failed',
      reason: error instanceof Error ? error.message : String(error),
    }
  }
}

/** The connectors with the names that their keys are made of, which the store knows of those that were renamed. */
const withKeyNames = async (
  connectors: readonly ConfiguredConnector[],
  store: string,
): Promise<readonly ConfiguredConnector[]> => {
  if (!existsSync(store)) return connectors
  try {
    using reader = readSqliteStore(store)
    const rows = await reader.connectors()
    return connectors.map((each) => {
      const row = rows.find(({ name, uses }) => name === each.name && uses === each.uses)
      return { ...each, keyName: row?.keyName ?? each.keyName }
    })
  } catch (error) {
    // One of an older version has no renamed connectors, and what else is wrong with it shows at the start.
    if (error instanceof OnSignupError) return connectors
    throw error
  }
}

const printPreview = (
  { connector, state, reason, title, contentType, body }: Previewed,
  output: Output,
): void => {
  const heading = [connector, title ?? state, contentType ?? reason].filter((part) => part !== undefined)
  print(output, styled(output.stdout, 'bold', `── ${heading.join(' · ')}`))
  if (body !== undefined) print(output, body)
}

/** Prints exactly what each connector would send for the registrations of a file; nothing is sent. */
export const preview = async (file: string, options: PreviewOptions, output: Output): Promise<number> => {
  const registrations = await readRegistrations(file)
  const events = registrations.map(({ body }) => normalise(body, Date.now(), randomUUID).event)
  await using program = await connected(options.config)
  const wanted = program.connectors.filter(({ name }) => (options.connector ?? name) === name)
  const connectors = await withKeyNames(wanted, program.store)
  if (connectors.length === 0) {
    throw new CommandError(EXIT.usage, `there is no connector ${options.connector ?? 'in the file'}`)
  }
  let good = true
  for (const event of events) {
    for (const connector of connectors) {
      const previewed = await previewOf(connector, event)
      good &&= previewed.state !== 'failed'
      if (options.json) print(output, JSON.stringify({ event: event.id, ...previewed }))
      else printPreview(previewed, output)
    }
  }
  return good ? EXIT.ok : EXIT.failed
}
