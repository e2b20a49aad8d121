import { EXIT, print, printStates, type Output, type StateRow } from '../output.ts'
import { clientOf, type ServiceOptions } from '../service.ts'

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
  await using client = await clientOf(options, output)
  const page = await client.deliveries({ state, connector, user, limit, after })
  if (json) {
    print(output, JSON.stringify(page))
    return EXIT.ok
  }
  const rows = page.deliveries.map((each): StateRow => [
    each.state,
    String(each.id),
    each.connector,
    each.user.email ?? each.user.id,
    `${each.attempts.length} ${each.attempts.length === 1 ? 'try' : 'tries'}`,
    each.next_attempt_at === null ? '' : `due ${each.next_attempt_at}`,
    each.reason ?? each.attempts.at(-1)?.detail ?? '',
  ])
  printStates(output, rows, { width: 9 })
  if (rows.length === 0) print(output, 'no deliveries')
  if (page.after !== null) print(output, `more: --after ${page.after}`)
  return EXIT.ok
}
