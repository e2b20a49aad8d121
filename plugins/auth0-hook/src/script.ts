import { Script } from 'node:vm'

/** Where and why a script does not parse; undefined: it does. */
export const syntaxProblem = (source: string, file: string): string | undefined => {
  try {
    // Compiled and never run. A function that does not end where the file does would let the file end it.
    void new Script(`(function () { ${source.replace(/^\uFEFF/, '').replace(/^#!/, '//')}\n})`, {
      filename: file,
    })
    return undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return `${error.message} (${error.stack?.split('\n')[0] ?? file})`
  }
}
