import type { ConnectorGate } from '../client.ts'
import { CommandError, EXIT, print, printStates, type Output, type StateRow } from '../output.ts'
import { clientOf, type ServiceOptions } from '../service.ts'

export interface ConnectorsOptions extends ServiceOptions {
  readonly json: boolean
}

const show = (connectors: readonly ConnectorGate[], options: ConnectorsOptions, output: Output): void => {
  if (options.json) {
    for (const each of connectors) print(output, JSON.stringify(each))
    return
  }
  const rows = connectors.map(({ gate, name, uses, since, until, reason, mend }): StateRow => [
    gate,
    name,
    uses,
    since === null ? (until === null ? '' : `until ${until}`) : `since ${since}`,
    reason === null ? '' : mend === null ? reason : `${reason} → ${mend}`,
  ])
  printStates(output, rows, { width: 9 })
}

/** Lists the connectors, and whether their gates are open. */
export const connectors = async (options: ConnectorsOptions, output: Output): Promise<number> => {
  await using client = await clientOf(options, output)
  show(await client.connectors(), options, output)
  return EXIT.ok
}

/** Closes or opens the gate of each connector named, or of all that are configured. */
export const changeGates = async (
  given: readonly string[],
  change: 'pause' | 'resume',
  options: ConnectorsOptions & { readonly all: boolean },
  output: Output,
): Promise<number> => {
  if (options.all === given.length > 0) {
    throw new CommandError(EXIT.usage, `${change} needs names, or --all`, 'give one or the other')
  }
  await using client = await clientOf(options, output)
  const names = options.all
    ? (await client.connectors()).filter(({ gate }) => gate !== 'orphaned').map(({ name }) => name)
    : given
  for (const name of names) show([await client.changeGate(name, change)], options, output)
  return EXIT.ok
}
