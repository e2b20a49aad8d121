import {
  misconfigured,
  type Failure,
  type Finding,
  type Logger,
  type Outcome,
  type Run,
} from '@onsignup/core'
import { classifyTrouble } from './classify.ts'
import type { Description, Descriptions } from './description.ts'
import { mappingFindings } from './mapping-findings.ts'
import type { Options } from './options.ts'
import { Trouble } from './trouble.ts'

/** Whether anything may be sent, and what the org says of the object. */
export type Admission =
  | { readonly refusal: Outcome; readonly description?: never }
  | { readonly refusal?: never; readonly description: Description | undefined }

/** Keeps a mapping that cannot work from meeting a registration. */
export interface Validation {
  /** Asks the org when it has not yet, or has reason to doubt what it said; `attempt` counts as that of a delivery. */
  admit(run: Run, attempt: number): Promise<Admission>
  /** What the engine's start comes to. */
  start(run: Run): Promise<Outcome | undefined>
  /** Tells of an outcome of Salesforce: a configuration error means that the org is not what it was. */
  note(outcomes: readonly { readonly kind: string }[]): void
}

const mistakesIn = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ state }) => state === 'failed')

const refusalFor = ({ object }: Options, mistakes: readonly Finding[]): Failure | undefined => {
  const [first] = mistakes
  if (first === undefined) return undefined
  const whats = mistakes.map(({ what }) => what).join('; ')
  return mistakes.length === 1
    ? misconfigured(`Salesforce: ${whats}`, { code: 'SF_MAPPING', ...(first.mend && { mend: first.mend }) })
    : misconfigured(`Salesforce: the mapping to ${object} has ${mistakes.length} mistakes: ${whats}`, {
        code: 'SF_MAPPING',
        mend: 'onsignup check shows each with its mend',
      })
}

export const createValidation = (options: Options, descriptions: Descriptions): Validation => {
  const { validate, truncate, object } = options
  let judged: Description | undefined
  let refusal: Failure | undefined

  const judge = (description: Description, logger: Logger): Failure | undefined => {
    if (judged === description) return refusal
    const mistakes = mistakesIn(mappingFindings(options, description))
    judged = description
    refusal = validate === 'strict' ? refusalFor(options, mistakes) : undefined
    if (validate === 'warn') {
      for (const { what, mend } of mistakes) logger.warn({ mend }, `mapping: ${what}`)
    }
    return refusal
  }

  const admit: Validation['admit'] = async ({ signal, logger }, attempt) => {
    if (validate === 'off' && !truncate) return { description: undefined }
    try {
      const description = await descriptions.current(signal)
      const refused = judge(description, logger)
      if (refused === undefined) return { description }
      // It may be mended before it is asked again.
      descriptions.doubt()
      return { refusal: refused }
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      const trouble = classifyTrouble(error, { options, attempt, doing: `description of ${object}` })
      if (validate === 'strict' || truncate) return { refusal: trouble }
      logger.warn({ err: trouble }, 'the mapping could not be compared with the org')
      return { description: undefined }
    }
  }

  return {
    admit,
    start: async (run) => (validate === 'off' ? undefined : (await admit(run, 1)).refusal),
    note(outcomes) {
      if (outcomes.some(({ kind }) => kind === 'misconfigured')) descriptions.doubt()
    },
  }
}
