import type { ConnectorGate } from '../client.ts'
import { clientOf, type ServiceOptions } from '../configuration.ts'
import { columns, EXIT, print, stateWord, type Output } from '../output.ts'

export interface ConnectorsOptions extends ServiceOptions {
  readonly json: boolean
}

const show = (connectors: readonly ConnectorGate[], options: ConnectorsOptions, output: Output): void => {
  if (options.json) {
    for (const each of connectors) print(output, JSON.stringify(each))
    return
  }
  const rows = columns(
    connectors.map(({ name, uses, since, until, reason, mend }) => [
      name,
      uses,
      since === null ? (until === null ? '' : `until ${until}`) : `since ${since}`,
      reason === null ? '' : mend === null ? reason : `${reason} → ${mend}`,
    ]),
  )
  for (const [index, row] of rows.entries()) {
    print(output, `${stateWord(output, connectors[index]?.gate ?? '', 9)}  ${row}`)
  }
}

/** Lists the connectors, and whether their gates are open. */
export const connectors = async (options: ConnectorsOptions, output: Output): Promise<number> => {
  show(await (await clientOf(options)).connectors(), options, output)
  return EXIT.ok
}

/** Closes or opens the gate of each connector named. */
export const changeGates = async (
  names: readonly string[],
  change: 'pause' | 'resume',
  options: ConnectorsOptions,
  output: Output,
): Promise<number> => {
  const client = await clientOf(options)
  for (const name of names) show([await client.changeGate(name, change)], options, output)
  return EXIT.ok
}
