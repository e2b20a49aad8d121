import { Failure, retry, type Outcome } from '../outcome.ts'

const LONGEST = 1_000

const brief = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)

/** An error and its causes, the outermost first. */
const causes = (error: unknown): Error[] => {
  const chain: Error[] = []
  for (let at = error; at instanceof Error && chain.length < 5; at = at.cause) chain.push(at)
  return chain
}

/** An error's message with those of its causes that say more. */
export const messageChain = (error: unknown): string => {
  const messages: string[] = []
  for (const { message } of causes(error)) {
    if (!messages.some((said) => said.includes(message))) messages.push(message)
  }
  return brief(messages.join(': ') || String(error))
}

/** Whether an error only passes on that the signal aborted. */
export const isAbort = (error: unknown, { aborted, reason }: AbortSignal): boolean =>
  aborted && causes(error).some((cause) => cause === reason || cause.name === 'AbortError')

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error'

const KINDS = new Set<unknown>(['delivered', 'skipped'])

const isPlainOutcome = (value: object): value is Exclude<Outcome, Failure> =>
  'kind' in value && KINDS.has(value.kind) && (!('reason' in value) || typeof value.reason === 'string')

/** What a hook returned, as an outcome: nothing, or anything that is no outcome, is a delivery. */
export const outcomeOfResult = (value: unknown): Outcome => {
  if (typeof value !== 'object' || value === null) return { kind: 'delivered' }
  if (Failure.is(value) || isPlainOutcome(value)) return value
  if (value instanceof Error) return outcomeOfError(value)
  return 'kind' in value
    ? retry(`the hook returned an outcome of the unknown kind ${JSON.stringify(value.kind)}`, {
        code: 'invalid_outcome',
        mend: 'return nothing, or what delivered(), skipped() or a failure maker returns',
      })
    : { kind: 'delivered' }
}

/** What a hook threw, as an outcome: any error that is no failure is a retry. */
export const outcomeOfError = (error: unknown): Failure =>
  Failure.is(error)
    ? error
    : retry(error instanceof Error ? error.message || error.name : String(error), {
        code: codeOf(error),
        cause: error,
      })
