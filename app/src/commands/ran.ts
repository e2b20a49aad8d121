import type { ScriptAnalysis } from '@onsignup/auth0-hook/modules'
import { Failure, type Outcome } from '@onsignup/core'
import { print, printedLines, stateWord, styled, type Output } from '../output.ts'

/** What came of the run, as `--json` prints it. */
interface Ran {
  readonly script: string
  readonly kind: ScriptAnalysis['kind']
  readonly outcome: Outcome['kind']
  readonly code?: string
  readonly message?: string
  readonly mend?: string
  readonly response?: string
  readonly output: readonly string[]
  readonly ms: number
}

const described = (outcome: Outcome): Omit<Ran, 'script' | 'kind' | 'ms'> => {
  const output = printedLines(outcome.output ?? '')
  if (Failure.is(outcome)) {
    const { kind, code, message, mend } = outcome
    return { outcome: kind, code, message, ...(mend !== undefined && { mend }), output }
  }
  if (outcome.kind === 'skipped') return { outcome: 'skipped', message: outcome.reason, output }
  return {
    outcome: 'delivered',
    ...(outcome.detail !== undefined && { response: outcome.detail }),
    output,
  }
}

const tell = (ran: Ran, output: Output): void => {
  for (const line of ran.output) print(output, `${styled(output.stdout, 'dim', '|')} ${line}`)
  if (ran.response !== undefined) print(output, `response ${ran.response}`)
  const why = [ran.message, ran.mend && `→ ${ran.mend}`].filter((part) => part !== undefined).join(' ')
  const code = ran.code === undefined || ran.code === ran.outcome ? '' : ` (${ran.code})`
  print(output, `${stateWord(output, ran.outcome)} after ${ran.ms} ms${code}${why === '' ? '' : `: ${why}`}`)
}

/** Prints what came of a run of a script: in lines, or as one of JSON. */
export const printRan = (
  { outcome, script, kind, ms }: Pick<Ran, 'script' | 'kind' | 'ms'> & { readonly outcome: Outcome },
  { json }: { readonly json: boolean },
  output: Output,
): void => {
  const ran = { script, kind, ...described(outcome), ms }
  if (json) print(output, JSON.stringify(ran))
  else tell(ran, output)
}
