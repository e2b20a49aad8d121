import type { Logger, Redact } from '@onsignup/core'
import type * as Sdk from '@slack/web-api'
import { LONGEST_TOLD } from './redact.ts'
import { clean } from './text.ts'

/** How far a call came when it failed. */
export interface Trouble {
  readonly error: unknown
  /** Whether the request may have left; what never left can be repeated without harm. */
  readonly sent: boolean
  /** The HTTP status, if an answer began. */
  readonly status: number | undefined
  /** Whether it was cut by its signal. */
  readonly aborted: boolean
}

export type Reply =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly trouble: Trouble }

/** Calls a method of Slack's Web API; never throws. */
export type Call = (
  method: string,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
) => Promise<Reply>

export interface ClientParts {
  readonly token: string
  readonly redact: Redact
  readonly apiUrl: string | undefined
  readonly fetch: typeof globalThis.fetch
  readonly logger: Logger
}

// The SDK's debug and info lines hold message bodies, so they are dropped whatever the level.
const loggerFor = ({ logger, redact }: ClientParts, sdk: typeof Sdk): Sdk.Logger => {
  const warn = (...told: readonly unknown[]) => {
    const line = told.filter((item) => typeof item === 'string').join(' ')
    logger.warn({}, `@slack/web-api: ${clean(redact(line)).slice(0, LONGEST_TOLD)}`)
  }
  const ignore = () => {}
  return {
    debug: ignore,
    info: ignore,
    warn,
    error: warn,
    setLevel: ignore,
    getLevel: () => sdk.LogLevel.WARN,
    setName: ignore,
  }
}

/**
 * The SDK without what fights the engine: no retries, no pausing on rate limits, no time-out of its own. It knows no
 * AbortSignal for a call (https://github.com/slackapi/node-slack-sdk/issues/1761), so each call gets a client whose
 * `fetch` carries the signal; a client costs under 0.1 ms and shares connections through `fetch`.
 */
export const createCall = (parts: ClientParts): Call => {
  let loading: Promise<typeof Sdk> | undefined
  return async (method, args, signal) => {
    let sent = false
    let status: number | undefined
    try {
      loading ??= import('@slack/web-api')
      const sdk = await loading
      const client = new sdk.WebClient(parts.token, {
        ...(parts.apiUrl === undefined ? {} : { slackApiUrl: parts.apiUrl }),
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: 0,
        allowAbsoluteUrls: false,
        // The SDK writes the token into the object that it is given.
        headers: {},
        logger: loggerFor(parts, sdk),
        async fetch(url, init) {
          signal.throwIfAborted()
          sent = true
          const response = await parts.fetch(url, { ...init, signal })
          status = response.status
          return response
        },
      })
      return { ok: true, answer: await client.apiCall(method, { ...args }) }
    } catch (error) {
      return { ok: false, trouble: { error, sent, status, aborted: signal.aborted } }
    }
  }
}
