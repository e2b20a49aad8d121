import {
  delivered,
  formatDuration,
  misconfigured,
  retry,
  unknown,
  type FailureOptions,
  type Outcome,
  type Redact,
} from '@onsignup/core'
import { lackIn } from './modules/lacking.ts'
import type { Options } from './options.ts'
import { outcomeOf } from './outcome.ts'
import { outputText } from './output.ts'
import type { Exit } from './process.ts'
import type { Over, RunRecord } from './run.ts'
import { tellError, type ErrorWords } from './told.ts'

/** What the outcome of a run depends on beside the run. */
export interface ClassifyOptions {
  readonly isAction: boolean
  readonly onNoCallback: Options['on_no_callback']
  /** Milliseconds. */
  readonly limit: number
  readonly memory: string
  readonly secrets: readonly string[]
  readonly redact: Redact
}

const INSTALL = 'run: onsignup hooks install; a file of the script’s own goes beside it'

/** What to do about a module that was not found. */
const mendOf = ({ cause }: ErrorWords): string =>
  cause?.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? 'take a version that can be required' : INSTALL

const moduleMissing = (error: ErrorWords, redact: Redact, options: FailureOptions): Outcome => {
  const { message, cause } = tellError(error, redact)
  const code = 'hook_module_missing'
  const lack = lackIn(error.message)
  if (lack === undefined) return misconfigured(message, { ...options, code, mend: mendOf(error), cause })
  const { message: what } = tellError({ message: lack.what }, redact)
  return misconfigured(what, { ...options, code, mend: redact(lack.mend), cause })
}

const exitOf = ({ code, signal, outOfMemory, forged }: Exit, memory: string) => {
  if (forged) return { code: 'hook_exited', what: "wrote into the runner's own channel and was ended" }
  if (outOfMemory) return { code: 'hook_out_of_memory', what: `needed more than its ${memory} of memory` }
  if (signal !== null) return { code: 'hook_exited', what: `was ended by ${signal}` }
  return { code: 'hook_exited', what: `ended its process with exit code ${code}` }
}

/** Why a run was cut before nothing was left of it; undefined: it was not. */
const cutOf = (
  over: Over,
  { limit, memory }: ClassifyOptions,
): { code: string; what: string } | undefined => {
  if (over.why === 'timeout') {
    return { code: 'hook_timeout', what: `was still at work after ${formatDuration(limit)} and was ended` }
  }
  if (over.why === 'aborted') {
    return { code: 'hook_timeout', what: 'was ended before it had finished, by the deadline or a stop' }
  }
  return over.why === 'exited' ? exitOf(over.exit, memory) : undefined
}

/** What is told of a script in the words of its kind: an Action has no cb. */
interface Words {
  readonly name: string
  /** What it did that ended without a word. */
  readonly silent: string
  readonly speak: string
  readonly mends: Readonly<Record<string, string>>
}

const MEMORY = 'raise with.memory, or look for what it collects'

const OF_HOOK: Words = {
  name: 'hook',
  silent: 'ended without calling cb',
  speak: 'have it call cb on every way',
  mends: {
    hook_timeout: 'have it call cb sooner, or raise with.timeout',
    hook_out_of_memory: MEMORY,
    hook_exited: 'have it call cb in place of ending its process',
  },
}

const OF_ACTION: Words = {
  name: 'action',
  silent: 'ended before its promise had settled',
  speak: 'have what it awaits settle on every way',
  mends: {
    hook_timeout: 'its promise had not settled: have it finish sooner, or raise with.timeout',
    hook_out_of_memory: MEMORY,
    hook_exited: 'have it return in place of ending its process',
  },
}

const wordsFor = ({ isAction }: ClassifyOptions): Words => (isAction ? OF_ACTION : OF_HOOK)

const unusable = ({ over }: RunRecord, redact: Redact, options: FailureOptions): Outcome | undefined => {
  if (over.why !== 'unusable') return undefined
  const { why, error } = over.problem
  const { message, cause } = tellError(error, redact)
  if (why === 'no function') {
    return misconfigured(`the script exports ${message} and neither a Hook nor an Action`, {
      ...options,
      code: 'hook_no_function',
      mend: 'write module.exports = function (user, context, cb) { … }, or exports.onExecutePostUserRegistration = async (event, api) => { … }',
    })
  }
  if (why === 'module missing') return moduleMissing(error, redact, options)
  const place = cause.stack?.split('\n')[0] ?? ''
  return misconfigured(`the script does not parse: ${message} (${place})`, {
    ...options,
    code: 'hook_invalid',
    mend: 'correct it; it is CommonJS, with require and module.exports',
  })
}

/** A module that is required only while the script runs is missing for the next event too. */
const missing = (
  error: ErrorWords | undefined,
  redact: Redact,
  options: FailureOptions,
): Outcome | undefined =>
  error?.code === 'MODULE_NOT_FOUND' ? moduleMissing(error, redact, options) : undefined

const silent = (options: ClassifyOptions, output: FailureOptions): Outcome => {
  if (options.onNoCallback === 'delivered') return delivered(undefined, output)
  const { name, silent: what, speak } = wordsFor(options)
  return retry(`the ${name} ${what}`, {
    ...output,
    code: 'hook_no_callback',
    mend: `${speak}, or write on_no_callback: delivered`,
  })
}

/** What was noticed beside the outcome, for the history and the log. */
export const notesOf = ({ over, end, late }: RunRecord, options: ClassifyOptions): readonly string[] => {
  const cut = cutOf(over, options)
  const told = late.map(
    (error) => `it failed after it had ended: ${tellError(error, options.redact).message}`,
  )
  const isSilent = over.why === 'idle' && over.silent !== 'no' && end?.how !== 'threw'
  return [
    ...told,
    ...(isSilent ? [`it ${wordsFor(options).silent}`] : []),
    ...(end !== undefined && cut !== undefined ? [`it ${cut.what}`] : []),
  ]
}

/** What a run of a script means for the delivery. */
export const classify = (record: RunRecord, options: ClassifyOptions): Outcome => {
  const { over, end, started, printed, isCut } = record
  const { redact, secrets } = options
  const text = outputText(printed, isCut, notesOf(record, options), secrets, redact)
  const output = text === undefined ? {} : { output: text }
  const unfit = unusable(record, redact, output)
  if (unfit !== undefined) return unfit
  if (end?.how === 'threw') {
    const lacks = missing(end.error, redact, output)
    if (lacks !== undefined) return lacks
  }
  // It has said what came of it; what was cut after that is a note.
  if (end !== undefined) return outcomeOf(end, redact, output)
  if (over.why === 'uncaught') {
    return (
      missing(over.error, redact, output) ?? outcomeOf({ how: 'threw', error: over.error }, redact, output)
    )
  }
  const cut = cutOf(over, options)
  if (cut === undefined) return silent(options, output)
  if (!started) {
    return retry(`the process of the hook ${over.why === 'aborted' ? 'was stopped' : 'did not start'}`, {
      ...output,
      code: over.why === 'aborted' ? 'stopped' : 'hook_not_started',
    })
  }
  const { name, mends } = wordsFor(options)
  const mend = mends[cut.code]
  return unknown(`the ${name} ${cut.what}; it may have done its work`, {
    ...output,
    code: cut.code,
    ...(mend !== undefined && { mend }),
  })
}
