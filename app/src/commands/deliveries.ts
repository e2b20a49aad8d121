import { clientOf, type ServiceOptions } from '../configuration.ts'
import { columns, EXIT, print, stateWord, type Output } from '../output.ts'

export interface DeliveriesOptions extends ServiceOptions {
  readonly state?: string
  readonly connector?: string
  readonly user?: string
  readonly limit?: string
  readonly after?: string
  readonly json: boolean
}

/** Lists deliveries, the newest first. */
export const deliveries = async (options: DeliveriesOptions, output: Output): Promise<number> => {
  const { state, connector, user, limit, after, json } = options
  const query = Object.entries({ state, connector, user, limit, after }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  const client = await clientOf(options)
  const page = await client.deliveries(Object.fromEntries(query))
  if (json) {
    print(output, JSON.stringify(page))
    return EXIT.ok
  }
  const rows = columns(
    page.deliveries.map(({ id, connector: name, user: who, next_attempt_at, attempts, reason }) => [
      String(id),
      name,
      who.email ?? who.id,
      `${attempts.length} ${attempts.length === 1 ? 'try' : 'tries'}`,
      next_attempt_at === null ? '' : `due ${next_attempt_at}`,
      reason ?? attempts.at(-1)?.detail ?? '',
    ]),
  )
  for (const [index, row] of rows.entries()) {
    print(output, `${stateWord(output, page.deliveries[index]?.state ?? '', 9)}  ${row}`)
  }
  if (rows.length === 0) print(output, 'no deliveries')
  if (page.after !== null) print(output, `more: --after ${page.after}`)
  return EXIT.ok
}
