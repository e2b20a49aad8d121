import { CommandError, EXIT, print, type Output } from '../output.ts'
import { clientOf, type ServiceOptions } from '../service.ts'
import { oneByOne } from './one-by-one.ts'

export interface RetryOptions extends ServiceOptions {
  readonly state?: string
  readonly connector?: string
  readonly again: boolean
  readonly json: boolean
}

/** Puts deliveries back, to be tried at once: those named by id, or all of a state. */
export const retry = async (
  ids: readonly string[],
  options: RetryOptions,
  output: Output,
): Promise<number> => {
  const { state, connector, json } = options
  if ((ids.length === 0) === (state === undefined)) {
    throw new CommandError(
      EXIT.usage,
      'name deliveries by their ids, or all of a state',
      'onsignup retry 12 13, or onsignup retry --state dead --connector crm',
    )
  }
  await using client = await clientOf(options, output)
  if (state === undefined) {
    return oneByOne(ids, (id) => client.retry(id, options.again), { done: 'put back', json }, output)
  }
  const retried = await client.retryAll({ state, connector })
  print(output, json ? JSON.stringify({ retried }) : `${retried} put back`)
  return EXIT.ok
}
