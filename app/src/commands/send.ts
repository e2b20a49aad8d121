import { setTimeout as sleep } from 'node:timers/promises'
import pMap from 'p-map'
import type { Client, Delivery } from '../client.ts'
import { CommandError, EXIT, print, printStates, type Output, type StateRow } from '../output.ts'
import { asHistorical, readRegistrations, type Registration } from '../registrations.ts'
import { serviceOf, type ServiceOptions } from '../service.ts'

export interface SendOptions extends ServiceOptions {
  /** They registered before; no connector runs for them. */
  readonly historical: boolean
  readonly wait: boolean
  /** Milliseconds. */
  readonly timeout: number
  readonly json: boolean
}

interface Sent {
  readonly line: number
  readonly id?: string
  readonly duplicate?: boolean
  readonly error?: string
  readonly deliveries?: readonly Delivery[]
}

/** How many are published at once. */
const PARALLEL = { concurrency: 16 }
const POLL = 100

const FINAL = new Set(['delivered', 'skipped', 'unknown', 'dead', 'parked', 'orphaned'])
const GOOD = new Set(['delivered', 'skipped'])

const publish = async (client: Client, { line, body }: Registration): Promise<Sent> => {
  try {
    return { line, ...(await client.publish(body)) }
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode === EXIT.unreachable) throw error
    return { line, error: error.message }
  }
}

const waitFor = async (client: Client, sent: Sent, until: number): Promise<Sent> => {
  if (sent.id === undefined) return sent
  for (;;) {
    const deliveries = await client.deliveriesOf(sent.id)
    if (deliveries.every(({ state }) => FINAL.has(state)) || Date.now() >= until)
      return { ...sent, deliveries }
    await sleep(POLL)
  }
}

const printSent = ({ line, id, duplicate, error, deliveries = [] }: Sent, output: Output): void => {
  if (id === undefined) return print(output, `line ${line}: refused: ${error}`)
  print(output, `${id}${duplicate ? ' (accepted before)' : ''}`)
  const rows = deliveries.map(({ state, connector, reason, attempts }): StateRow => [
    state,
    connector,
    reason ?? attempts.at(-1)?.detail ?? '',
  ])
  printStates(output, rows, { width: 9, indent: '  ' })
}

/** Publishes the registrations of a file; with `wait`, says what became of each delivery. */
export const send = async (file: string, options: SendOptions, output: Output): Promise<number> => {
  await using client = await serviceOf(options)
  const read = await readRegistrations(file)
  const registrations = options.historical ? read.map(asHistorical) : read
  const published = await pMap(registrations, (registration) => publish(client, registration), PARALLEL)
  const until = Date.now() + options.timeout
  const sent = options.wait
    ? await pMap(published, (one) => waitFor(client, one, until), PARALLEL)
    : published
  if (options.json) for (const one of sent) print(output, JSON.stringify(one))
  else for (const one of sent) printSent(one, output)
  const isGood = ({ id, deliveries }: Sent) =>
    id !== undefined && (deliveries ?? []).every(({ state }) => GOOD.has(state))
  return sent.every(isGood) ? EXIT.ok : EXIT.failed
}
