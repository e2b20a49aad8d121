import { inspect, types } from 'node:util'
import { cleanText } from '../event/clean.ts'
import { delivered, Failure, retry, skipped, type FailureKind, type Outcome } from '../outcome.ts'
import type { Redact } from '../secrets.ts'

const LONGEST = 1_000
const LONGEST_OUTPUT = 65_536

/** A text fit for the history: its secrets redacted before it is cut, since half a secret is not found. */
export const brief = (text: string, redact: Redact): string => cut(cleanText(redact(text)), LONGEST)

/** What an attempt printed, fit to be kept; undefined when it printed nothing. */
export const printed = ({ output }: Outcome, redact: Redact): string | undefined =>
  typeof output === 'string' && output !== '' ? cut(cleanText(redact(output)), LONGEST_OUTPUT) : undefined

const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text

/** Knows errors of another realm too, as those of a script in a context of its own. */
const isError = (value: unknown): value is Error => value instanceof Error || types.isNativeError(value)

/** An error and its causes, the outermost first. */
export const causes = (error: unknown): Error[] => {
  const chain: Error[] = []
  for (let at = error; isError(at) && chain.length < 5; at = at.cause) chain.push(at)
  return chain
}

/** What was thrown that is no error: String() would say [object Object], or throw itself. */
const plainly = (value: unknown): string =>
  typeof value === 'string' ? value : inspect(value, { depth: 1, breakLength: Infinity })

/** An error's message with those of its causes that say more; as long as it is. */
export const messageChain = (error: unknown): string => {
  const chain = causes(error)
  const messages: string[] = []
  for (const { message } of chain) {
    if (!messages.some((said) => said.includes(message))) messages.push(message)
  }
  return messages.join(': ') || chain[0]?.name || plainly(error)
}

/** Whether an error only passes on that the signal aborted. */
export const isAbort = (error: unknown, { aborted, reason }: AbortSignal): boolean =>
  aborted && causes(error).some((cause) => cause === reason || cause.name === 'AbortError')

const codeOf = (error: unknown): string =>
  isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : 'error'

const FAILURES: { readonly [K in FailureKind]: true } = {
  retry: true,
  throttled: true,
  misconfigured: true,
  rejected: true,
  unknown: true,
}

const unknownKind = (kind: unknown): Failure =>
  retry(`the hook gave an outcome of the unknown kind ${plainly(kind)}`, {
    code: 'invalid_outcome',
    mend: 'return nothing, or what delivered(), skipped() or a failure maker returns',
  })

const text = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  return plainly(value)
}

/** What a hook returned, as an outcome: nothing, or anything that is no outcome, is a delivery. */
export const outcomeOfResult = (value: unknown): Outcome => {
  if (typeof value !== 'object' || value === null) return { kind: 'delivered' }
  if (isError(value)) return outcomeOfError(value)
  if (!('kind' in value)) return { kind: 'delivered' }
  const output = text('output' in value ? value.output : undefined)
  const options = output === undefined ? {} : { output }
  if (value.kind === 'skipped') {
    return skipped(text('reason' in value ? value.reason : undefined) ?? 'the hook skipped it', options)
  }
  if (value.kind !== 'delivered') return unknownKind(value.kind)
  return delivered(text('detail' in value ? value.detail : undefined), options)
}

/** What a hook threw, as an outcome: any error that is no failure is a retry. */
export const outcomeOfError = (error: unknown): Failure => {
  if (!Failure.is(error)) return retry(messageOf(error), { code: codeOf(error), cause: error })
  return Object.hasOwn(FAILURES, error.kind) ? error : unknownKind(error.kind)
}

const messageOf = (error: unknown): string => (isError(error) ? error.message || error.name : plainly(error))
