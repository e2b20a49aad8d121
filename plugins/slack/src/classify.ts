import { Failure, retry, type FailureOptions, type Redact } from '@onsignup/core'
import { z } from 'zod'
import type { Trouble } from './client.ts'
import {
  PLATFORM,
  STATUSES,
  transportMeaning,
  UNLISTED,
  UNLISTED_AT_LAST,
  WEBHOOK,
  type Meaning,
} from './errors.ts'
import { LONGEST_TOLD, safeCause } from './redact.ts'
import { clean } from './text.ts'

/** What a failed call was about. */
export interface About {
  /** Completes "Slack …", as `chat.postMessage to #signups`. */
  readonly what: string
  /** Whether the channel comes from the event, so that only this event is wrong. */
  readonly channelFromEvent: boolean
  /** The bucket of whoever must wait when Slack limits the rate. Default: this connector alone waits. */
  readonly bucket?: string
  /** Whether a code that nobody listed has been tried often enough. Default: it is tried again. */
  readonly isLastTry?: boolean
  /** Milliseconds after a lost answer until it can be seen whether the message arrived. */
  readonly settling?: number
  readonly redact: Redact
}

const CODE = /^[a-z][a-z0-9_]{0,79}$/

const platformData = z.object({
  error: z.string().regex(CODE),
  needed: z.string().optional().catch(undefined),
  response_metadata: z
    .object({
      messages: z.array(z.string()).optional().catch(undefined),
      retryAfter: z.number().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
})
type PlatformData = z.output<typeof platformData>

const platformError = z.object({ code: z.literal('slack_webapi_platform_error'), data: platformData })
const rateLimitedError = z.object({
  code: z.literal('slack_webapi_rate_limited_error'),
  retryAfter: z.number(),
})
const httpError = z.object({
  code: z.literal('slack_webapi_http_error'),
  statusCode: z.number(),
  body: platformData.optional().catch(undefined),
})

/** Turns a failed call into what the engine should do. */
export const classify = (trouble: Trouble, about: About): Failure => {
  const limited = rateLimitedError.safeParse(trouble.error)
  if (limited.success) return throttledFor(about, limited.data.retryAfter * 1000)
  const answered = platformError.safeParse(trouble.error)
  if (answered.success) return refused(answered.data.data, about)
  const http = httpError.safeParse(trouble.error)
  const status = http.success ? http.data.statusCode : trouble.status
  if (status !== undefined && status !== 200) {
    // A known code says more than the status that it came with.
    const body = http.success ? http.data.body : undefined
    return body !== undefined && PLATFORM.has(body.error) ? refused(body, about) : byStatus(status, about)
  }
  return lost(trouble, about)
}

const told = (text: string, { redact }: About): string => clean(redact(text)).slice(0, LONGEST_TOLD)

const fail = (meaning: Meaning, message: string, about: About, options: FailureOptions): Failure => {
  const { kind, mend, after = kind === 'unknown' ? about.settling : undefined } = meaning
  const decided = kind === 'channel' ? (about.channelFromEvent ? 'rejected' : 'misconfigured') : kind
  return new Failure(decided, message, {
    ...(mend === undefined ? {} : { mend }),
    ...(after === undefined ? {} : { after }),
    ...options,
  })
}

const throttledFor = (about: About, after: number): Failure => {
  const wait = Math.max(after, 1_000)
  const message = `Slack limits the rate of ${about.what}: wait ${Math.ceil(wait / 1000)} s`
  const { bucket } = about
  const shared = bucket === undefined ? {} : { bucket }
  return fail({ kind: 'throttled' }, message, about, { code: 'ratelimited', after: wait, ...shared })
}

const refused = (data: PlatformData, about: About): Failure => {
  const { error: code, needed, response_metadata: more } = data
  const meaning = PLATFORM.get(code) ?? (about.isLastTry === true ? UNLISTED_AT_LAST : UNLISTED)
  if (meaning.kind === 'throttled') {
    return throttledFor(about, more?.retryAfter === undefined ? (meaning.after ?? 0) : more.retryAfter * 1000)
  }
  const details = (more?.messages ?? []).slice(0, 3).join('; ')
  const reasons = details === '' ? '' : ` (${told(details, about)})`
  const scope = needed === undefined ? undefined : told(needed, about)
  return fail(meaning, `Slack refused ${about.what}: ${code}${reasons}`, about, {
    code,
    ...(scope === undefined
      ? {}
      : {
          mend: `give the app the scope ${scope} (api.slack.com/apps, OAuth & Permissions) and install it again`,
        }),
  })
}

const byStatus = (status: number, about: About): Failure => {
  const meaning = STATUSES.find(({ from, to }) => status >= from && status <= to)?.meaning ?? {
    kind: 'retry',
  }
  if (meaning.kind === 'throttled') return throttledFor(about, meaning.after ?? 0)
  return fail(meaning, `Slack answered ${about.what} with HTTP ${status}`, about, { code: `http_${status}` })
}

/** What a webhook's answer, which is no `ok`, says. `after` in milliseconds. */
export const classifyWebhook = (
  answer: { readonly status: number; readonly text: string; readonly after: number | undefined },
  about: About,
): Failure => {
  const { status, text, after } = answer
  if (status === 429) return throttledFor(about, after ?? 60_000)
  if (status === 200) return lost({ error: undefined, sent: true, status, aborted: false }, about)
  const code = CODE.test(text) ? text : undefined
  const meaning = code === undefined ? undefined : (WEBHOOK.get(code) ?? PLATFORM.get(code))
  if (code !== undefined && meaning !== undefined) {
    return fail(meaning, `Slack refused ${about.what}: ${code}`, about, { code })
  }
  if (status !== 400) return byStatus(status, about)
  const told400 = code === undefined ? `HTTP ${status}` : code
  return fail({ kind: 'rejected' }, `Slack refused ${about.what}: ${told400}`, about, {
    code: code ?? `http_${status}`,
  })
}

/** No answer, or none that can be read. */
const lost = ({ error, sent, status, aborted }: Trouble, about: About): Failure => {
  // The SDK takes a page that is no JSON for an error code, and its message is then the page.
  const cause = isPlatformError(error) ? undefined : safeCause(error, about.redact)
  const kept = cause === undefined ? {} : { cause }
  if (!sent) {
    return retry(`${about.what} was stopped before anything was sent`, { code: 'not_sent', ...kept })
  }
  const codes = codesIn(error)
  for (const code of codes) {
    const meaning = transportMeaning(code)
    if (meaning === undefined) continue
    return fail(meaning, `Slack could not be reached for ${about.what}: ${code}`, about, { code, ...kept })
  }
  if (aborted) {
    const message = `Slack did not answer ${about.what} in time: it may have arrived`
    return fail({ kind: 'unknown' }, message, about, { code: 'no_answer', ...kept })
  }
  if (status === undefined) {
    const message = `the connection to Slack broke during ${about.what}: it may have arrived`
    return fail({ kind: 'unknown' }, message, about, { code: codes[0] ?? 'no_answer', ...kept })
  }
  const message = `the answer to ${about.what} is not Slack's, or was cut off: it may have arrived`
  const mend = 'check `api_url` and the proxies on the way to Slack'
  return fail({ kind: 'unknown', mend }, message, about, { code: 'answer_unreadable', ...kept })
}

const isPlatformError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'slack_webapi_platform_error'

/** The codes of an error and its causes. fetch tells a refused redirect by its message only. */
const codesIn = (error: unknown): readonly string[] => {
  const found: string[] = []
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string' && !at.code.startsWith('slack_')) found.push(at.code)
    if (at.message === 'unexpected redirect') found.push('unexpected_redirect')
    if (at instanceof AggregateError) found.push(...at.errors.flatMap((inner) => codesIn(inner)))
  }
  return found
}
