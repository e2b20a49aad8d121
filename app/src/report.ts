import { OnSignupError } from '@onsignup/core'
import { CommandError, EXIT, styled, type Output } from './output.ts'

/** Tells people why a command ended, and gives its exit code. */
export const report = (error: unknown, output: Output): number => {
  const { stderr } = output
  const line = (message: string, mend?: string) => {
    stderr.write(`${styled(stderr, 'red', 'error:')} ${message}\n`)
    if (mend !== undefined) stderr.write(`  → ${mend}\n`)
  }
  if (error instanceof CommandError) {
    line(error.message, error.mend)
    return error.exitCode
  }
  if (error instanceof OnSignupError) {
    line(error.message, error.mend)
    return EXIT.usage
  }
  line(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return EXIT.failed
}
