import { CommandError, EXIT, print, type Output } from '../output.ts'

/** Does something for each id, says of each what came of it, and goes on after one that the service refuses. */
export const oneByOne = async (
  ids: readonly string[],
  act: (id: string) => Promise<unknown>,
  { done, json }: { readonly done: string; readonly json: boolean },
  output: Output,
): Promise<number> => {
  const results: { readonly id: string; readonly error?: string }[] = []
  for (const id of ids) {
    try {
      await act(id)
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
    print(output, json ? JSON.stringify({ id, error: error ?? null }) : `${id}  ${error ?? done}`)
  }
  return results.every(({ error }) => error === undefined) ? EXIT.ok : EXIT.failed
}
