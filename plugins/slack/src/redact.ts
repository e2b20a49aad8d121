import { createRedact, type Redact } from '@onsignup/core'

/** Characters of a foreign message that are passed on. */
export const LONGEST_TOLD = 300

const SLACK_TOKEN = /\bxox[a-z.]*-[\w-]+/g

const SLACK_WEBHOOK = /\bhttps:\/\/hooks\.[\w.-]+\/\S+/g

/** Redacts a token or a webhook's address, and whatever else looks like one of Slack's. */
export const createSlackRedact = (secret: string): Redact => {
  const redact = createRedact([secret])
  return (text) => redact(text).replace(SLACK_TOKEN, '[secret]').replace(SLACK_WEBHOOK, '[secret]')
}

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined

/**
 * A copy of a foreign error that is safe to keep: messages redacted and short, codes and causes kept, and none of the
 * request, headers or body that SDKs hang onto their errors.
 */
export const safeCause = (error: unknown, redact: Redact, depth = 3): Error | undefined => {
  if (!(error instanceof Error) || depth === 0) return undefined
  const cause = safeCause(error.cause, redact, depth - 1)
  const message = redact(error.message).slice(0, LONGEST_TOLD)
  const copy = new Error(message, cause === undefined ? undefined : { cause })
  copy.name = error.name
  // It would point here.
  delete copy.stack
  const code = codeOf(error)
  return code === undefined ? copy : Object.assign(copy, { code })
}
