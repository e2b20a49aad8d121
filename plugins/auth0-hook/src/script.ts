import { compileFunction } from 'node:vm'

/** Where and why a script does not parse; undefined: it does. */
export const syntaxProblem = (source: string, file: string): string | undefined => {
  try {
    // Compiled as the body of a function, as CommonJS is, and never run.
    compileFunction(source.replace(/^\uFEFF/, '').replace(/^#!/, '//'), ['exports', 'require', 'module'], {
      filename: file,
    })
    return undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return `${error.message} (${error.stack?.split('\n')[0] ?? file})`
  }
}
