import { confirm } from '../confirm.ts'
import { columns, EXIT, print, type Output } from '../output.ts'
import { serviceOf, type ServiceOptions } from '../service.ts'

export interface BackfillOptions extends ServiceOptions {
  readonly since?: string
  readonly until?: string
  readonly yes: boolean
  readonly json: boolean
}

/** Gives each connector the stored registrations that it was never given, once it was said how many, and agreed to. */
export const backfill = async (
  connectors: readonly string[],
  options: BackfillOptions,
  output: Output,
): Promise<number> => {
  const { since, until, yes, json } = options
  await using client = await serviceOf(options)
  const period = { since, until }
  const counts: { readonly connector: string; readonly missing: number }[] = []
  for (const connector of new Set(connectors)) {
    counts.push({ connector, missing: await client.missing(connector, period) })
  }
  const rows = columns(
    counts.map(({ connector, missing }) => [
      connector,
      `${missing} ${missing === 1 ? 'registration' : 'registrations'} that it was never given`,
    ]),
  )
  for (const row of json ? counts.map((count) => JSON.stringify(count)) : rows) print(output, row)
  const wanted = counts.filter(({ missing }) => missing > 0)
  if (wanted.length === 0) return EXIT.ok
  if (!yes && !(await confirm('Deliver them?', output))) return EXIT.failed
  for (const { connector } of wanted) {
    const backfilled = await client.backfill(connector, period)
    print(output, json ? JSON.stringify({ connector, backfilled }) : `${connector}: ${backfilled} added`)
  }
  return EXIT.ok
}
