import { createInterface } from 'node:readline/promises'
import { CommandError, EXIT, type Output } from './output.ts'

/** Where an answer is typed; handed in, so that tests type it. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean }

/** Asks on a terminal; anything but yes, Ctrl+C included, is no. Throws where nobody can answer. */
export const confirm = async (
  question: string,
  output: Output,
  input: Input = process.stdin,
): Promise<boolean> => {
  if (input.isTTY !== true) {
    throw new CommandError(EXIT.usage, 'nobody is there to be asked', 'add --yes if that is what you want')
  }
  const asking = createInterface({ input, output: output.stderr })
  const gone = new AbortController()
  asking.on('close', () => gone.abort())
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `, { signal: gone.signal })).trim())
  } catch (error) {
    if (!gone.signal.aborted) throw error
    return false
  } finally {
    asking.close()
  }
}
