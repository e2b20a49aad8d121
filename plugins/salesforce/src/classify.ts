import {
  misconfigured,
  rejected,
  retry,
  skipped,
  throttled,
  unknown,
  type Failure,
  type FailureOptions,
  type Skipped,
} from '@onsignup/core'
import { ROWS, UNLISTED, type Row, type Verdict } from './codes.ts'
import type { Options } from './options.ts'
import type { ApiError, Trouble } from './trouble.ts'

/** What an outcome depends on beside the error. */
export interface Situation {
  readonly options: Options
  readonly attempt: number
  /** What was being done, for the message, as `upsert of Lead my-tenant:auth0|5f7c`. */
  readonly doing: string
}

/** Of several errors the one that makes a retry useless decides. */
const SEVERITY: readonly Verdict[] = ['misconfigured', 'rejected', 'skipped', 'throttled', 'lost', 'retry']

const RETRY: Row = { codes: [], verdict: 'retry' }
const LOST: Row = { codes: [], verdict: 'lost' }

const sameField = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

const isAbout = ({ fields, message }: ApiError, about: Row['about'], options: Options): boolean => {
  const external = options.external_id?.field
  if (about === undefined) return true
  if (about === 'external id') {
    return (
      external !== undefined &&
      (fields.some((field) => sameField(field, external)) || message.includes(external))
    )
  }
  const mapped = [...Object.keys(options.fields), ...(external === undefined ? [] : [external])]
  return fields.some((field) => !mapped.some((known) => sameField(known, field)))
}

const rowFor = (error: ApiError, options: Options): Row | undefined =>
  ROWS.find(
    ({ codes, says, about }) =>
      codes.some((code) => (typeof code === 'string' ? code === error.code : code.test(error.code))) &&
      (says === undefined || says.test(error.message)) &&
      isAbout(error, about, options),
  )

const describe = ({ code, message, fields }: ApiError): string =>
  `${code}${message === '' ? '' : `: ${message}`}${fields.length === 0 ? '' : ` (${fields.join(', ')})`}`

interface Said {
  readonly errors: readonly ApiError[]
  readonly after?: number | undefined
  readonly lost?: boolean
  readonly stage: Trouble['stage']
  /** Of an answer that refuses the request or the record, as opposed to one that fails. */
  readonly refuses: boolean
  readonly cause?: unknown
}

const verdictOf = (
  row: Row,
  { stage }: Said,
  { options, attempt }: Situation,
): Exclude<Verdict, 'lost'> | 'unknown' => {
  const { verdict, tries = Infinity, ends = 'misconfigured', option } = row
  // Nothing is written by signing in and asking, and an upsert that is sent again finds its own record.
  if (verdict === 'lost') return options.operation === 'create' && stage === 'request' ? 'unknown' : 'retry'
  const reached = verdict === 'retry' && attempt > tries ? ends : verdict
  const chosen =
    reached === 'skipped' && option !== undefined && options[option] !== 'skip' ? 'rejected' : reached
  // What is refused before a record was sent says nothing of the record.
  const isAboutRecord = chosen === 'rejected' || chosen === 'skipped'
  return isAboutRecord && stage !== 'request' ? 'misconfigured' : chosen
}

const MAKERS = { retry, throttled, misconfigured, rejected, unknown } as const

const failureOptions = (code: string, row: Row, said: Said): FailureOptions => {
  const after = row.verdict === 'retry' || row.verdict === 'throttled' ? (said.after ?? row.after) : row.after
  return {
    code,
    ...(row.mend === undefined ? {} : { mend: row.mend }),
    ...(after === undefined ? {} : { after }),
    ...(said.cause === undefined ? {} : { cause: said.cause }),
  }
}

const classify = (said: Said, situation: Situation): Failure | Skipped => {
  const unlisted = said.lost === true ? LOST : said.refuses ? UNLISTED : RETRY
  const judged = said.errors
    .map((error) => ({ error, row: rowFor(error, situation.options) ?? unlisted }))
    .toSorted((a, b) => SEVERITY.indexOf(a.row.verdict) - SEVERITY.indexOf(b.row.verdict))
  const { error, row } = judged[0] ?? { error: { code: 'SF_NO_REASON', message: '', fields: [] }, row: RETRY }
  const verdict = verdictOf(row, said, situation)
  const reasons =
    judged.length === 0 ? 'no reason given' : judged.map((one) => describe(one.error)).join('; ')
  const doing = said.stage === 'sign-in' ? `sign-in at ${situation.options.login_url}` : situation.doing
  const message = `Salesforce: ${doing}: ${reasons}`
  return verdict === 'skipped'
    ? skipped(message)
    : MAKERS[verdict](message, failureOptions(error.code, row, said))
}

/** The outcome of a record that Salesforce did not save. */
export const classifyRecord = (errors: readonly ApiError[], situation: Situation): Failure | Skipped =>
  classify({ errors, stage: 'request', refuses: true }, situation)

/** The outcome of a whole request that failed, for one of its records. */
export const classifyTrouble = (trouble: Trouble, situation: Situation): Failure | Skipped => {
  const { errors, stage, status, after, lost, cause } = trouble
  const known = errors.some((error) => rowFor(error, situation.options) !== undefined)
  // 429 says the same whatever code comes with it.
  const counted =
    status === 429 && !known ? [...errors, { code: 'HTTP_429', message: '', fields: [] }] : errors
  const refuses = status !== undefined && status < 500
  return classify({ errors: counted, stage, after, lost, refuses, cause }, situation)
}
