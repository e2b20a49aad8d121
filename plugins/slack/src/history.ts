import { Failure, rejected, retry, throttled, type Redact } from '@onsignup/core'
import { z } from 'zod'
import { isChannelId } from './channel.ts'
import { classify } from './classify.ts'
import type { Call } from './client.ts'
import { readMarks } from './marks.ts'

/** A page of the history: what Slack recommends. https://docs.slack.dev/reference/methods/conversations.history (2026-11) */
const PAGE = 200
const MOST_PAGES = 5
/** How much our clock and Slack's may differ. Milliseconds. */
const SKEW = 300_000

/** Deliveries whose answer was lost. */
export interface Lost {
  /** Undefined where it is not known. */
  readonly channel: string | undefined
  readonly marks: readonly string[]
  /** When the oldest of them can have been sent at the earliest. Epoch milliseconds. */
  readonly since: number
}

/** What the history tells of them. */
export interface Found {
  /** Where each that was found is, by its mark. */
  readonly places: ReadonlyMap<string, string>
  /** Why the others may be there though they were not found; null: they are not there. */
  readonly doubt: string | null
}

/** Looks for messages; a failure when it is to be looked again later. */
export type Look = (lost: Lost, signal: AbortSignal) => Promise<Found | Failure>

export interface HistoryParts {
  readonly call: Call
  readonly redact: Redact
}

export const foundNothing = (doubt: string): Found => ({ places: new Map(), doubt })

const page = z.object({
  messages: z.array(z.unknown()),
  response_metadata: z.object({ next_cursor: z.string().catch('') }).catch({ next_cursor: '' }),
})

/** One page of a channel's history, the newest message first, without a word of it being kept. */
export const readHistory = async (
  { call, redact }: HistoryParts,
  args: {
    readonly channel: string
    readonly limit: number
    readonly oldest?: string
    readonly cursor?: string
  },
  signal: AbortSignal,
): Promise<z.output<typeof page> | Failure> => {
  const what = `conversations.history of ${args.channel}`
  const reply = await call('conversations.history', { ...args, include_all_metadata: true }, signal)
  if (!reply.ok) return classify(reply.trouble, { what, channelFromEvent: false, isLastTry: true, redact })
  const answer = page.safeParse(reply.answer)
  if (answer.success) return answer.data
  return rejected(`the answer to ${what} has no messages`, { code: 'answer_unreadable' })
}

/** What to do when nothing was read: nothing was sent either, so that waiting does no harm. Undefined: waiting would not help. */
const laterOf = (failure: Failure): Failure | undefined => {
  const { code, after, cause } = failure
  const message = `it is not known yet whether an earlier try arrived: ${failure.message}`
  const options = { code, cause, ...(after === undefined ? {} : { after }) }
  // Posting has a limit of its own, so that the connector's other deliveries need not wait.
  if (failure.kind === 'throttled') return throttled(message, { ...options, pause: false })
  return failure.kind === 'retry' || failure.kind === 'unknown' ? retry(message, options) : undefined
}

const withMend = ({ message, mend }: Failure): string =>
  mend === undefined ? message : `${message} → ${mend}`

const UNNAMED = 'a message that does not name its sign-ups was posted since'
const TOO_LONG = `it is not among the newest ${PAGE * MOST_PAGES} messages, and more were posted since`

/**
 * Looks in a channel's history for messages whose answer was lost, which needs the scope channels:history, or
 * groups:history in a private channel, and the app in the channel.
 */
export const lookInHistory =
  (parts: HistoryParts): Look =>
  async ({ channel, marks, since }, signal) => {
    if (channel === undefined || !isChannelId(channel)) {
      return foundNothing('a channel can be looked into by its ID only: write the ID as `channel`')
    }
    const wanted = new Set(marks)
    const places = new Map<string, string>()
    const oldest = String(Math.max(0, since - SKEW) / 1_000)
    let doubt: string | null = null
    let cursor = ''
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const args = { channel, limit: PAGE, oldest, ...(cursor === '' ? {} : { cursor }) }
      const read = await readHistory(parts, args, signal)
      if (Failure.is(read)) {
        // An app that gets one page a minute would begin anew for ever.
        const isOverAfterSome = pages > 0 && read.kind === 'throttled'
        const later = isOverAfterSome ? undefined : laterOf(read)
        return later ?? { places, doubt: withMend(read) }
      }
      for (const { ts, named } of read.messages.map(readMarks).filter((marked) => marked !== undefined)) {
        if (named === null) doubt = UNNAMED
        for (const mark of named ?? []) if (wanted.has(mark)) places.set(mark, `${channel} ${ts}`)
      }
      cursor = read.response_metadata.next_cursor
      if (cursor === '' || places.size === wanted.size) return { places, doubt }
    }
    return { places, doubt: TOO_LONG }
  }
