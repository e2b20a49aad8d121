import { clientOf, type ServiceOptions } from '../configuration.ts'
import { CommandError, EXIT, print, type Output } from '../output.ts'

export interface RetryOptions extends ServiceOptions {
  readonly state?: string
  readonly connector?: string
  readonly again: boolean
  readonly json: boolean
}

const oneByOne = async (ids: readonly string[], options: RetryOptions, output: Output) => {
  const client = await clientOf(options)
  const results: { readonly id: string; readonly error?: string }[] = []
  for (const id of ids) {
    try {
      await client.retry(id, options.again)
      results.push({ id })
    } catch (error) {
      if (!(error instanceof CommandError) || error.exitCode === EXIT.unreachable) throw error
      results.push({
        id,
        error: error.mend === undefined ? error.message : `${error.message} → ${error.mend}`,
      })
    }
  }
  for (const { id, error } of results) {
    print(
      output,
      options.json ? JSON.stringify({ id, error: error ?? null }) : `${id}  ${error ?? 'put back'}`,
    )
  }
  return results.every(({ error }) => error === undefined) ? EXIT.ok : EXIT.failed
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
  if (state === undefined) return oneByOne(ids, options, output)
  const client = await clientOf(options)
  const retried = await client.retryAll({ state, ...(connector === undefined ? {} : { connector }) })
  print(output, json ? JSON.stringify({ retried }) : `${retried} put back`)
  return EXIT.ok
}
