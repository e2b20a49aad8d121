import { columns, EXIT, print, type Output } from '../output.ts'
import { clientOf, serviceOf, type ServiceOptions } from '../service.ts'
import { oneByOne } from './one-by-one.ts'

export interface RefusedOptions extends ServiceOptions {
  readonly limit?: string
  readonly after?: string
  readonly json: boolean
}

/** Lists what was refused of identity providers, the newest first; with ids, tries these again. */
export const refused = async (
  ids: readonly string[],
  options: RefusedOptions,
  output: Output,
): Promise<number> => {
  const { limit, after, json } = options
  // What is tried again is published, which is the engine's.
  await using client = ids.length > 0 ? await serviceOf(options) : await clientOf(options, output)
  if (ids.length > 0) return oneByOne(ids, (id) => client.retryRefused(id), { done: 'taken', json }, output)
  const page = await client.refused({ limit, after })
  if (json) {
    print(output, JSON.stringify(page))
    return EXIT.ok
  }
  const rows = columns(
    page.refused.map(({ id, at, path, event_id, why }) => [String(id), at, path, event_id ?? '–', why]),
  )
  for (const row of rows) print(output, row)
  if (rows.length === 0) print(output, 'nothing was refused')
  if (page.after !== null) print(output, `more: --after ${page.after}`)
  return EXIT.ok
}
