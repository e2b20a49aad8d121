import { EXIT, print, type Output } from '../output.ts'
import { clientOf, type ServiceOptions } from '../service.ts'

export interface DropOptions extends ServiceOptions {
  readonly json: boolean
}

/** Ends what waits of a connector that is configured no more. */
export const drop = async (connector: string, options: DropOptions, output: Output): Promise<number> => {
  await using client = await clientOf(options, output)
  const dropped = await client.drop(connector)
  print(output, options.json ? JSON.stringify({ dropped }) : `${dropped} dropped`)
  return EXIT.ok
}
