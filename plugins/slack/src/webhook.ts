import type { Finding } from '@onsignup/core'
import { z } from 'zod'
import { classify, classifyWebhook, type About } from './classify.ts'
import type { Post } from './message.ts'

export interface WebhookParts {
  /** Whoever has it may post: a secret. */
  readonly url: string
  readonly fetch: typeof globalThis.fetch
  readonly about: Omit<About, 'what' | 'isLastTry'>
}

interface Answer {
  readonly status: number
  readonly text: string
  /** Milliseconds; undefined when it says nothing, or a date. */
  readonly after: number | undefined
}

const seconds = z.coerce.number().nonnegative()

const afterOf = (headers: Headers): number | undefined => {
  const told = headers.get('Retry-After')
  const read = seconds.safeParse(told)
  return told === null || !read.success ? undefined : read.data * 1_000
}

const LONGEST_TOLD = 200

type Asked = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly error: unknown }

/** A POST without the SDK, whose errors lose the Retry-After of a webhook. */
const ask = async (
  { url, fetch }: WebhookParts,
  body: unknown,
  signal: AbortSignal,
  progress: { sent: boolean; status: number | undefined },
): Promise<Asked> => {
  try {
    signal.throwIfAborted()
    progress.sent = true
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal,
    })
    progress.status = response.status
    const text = (await response.text()).slice(0, LONGEST_TOLD).trim()
    return { ok: true, answer: { status: response.status, text, after: afterOf(response.headers) } }
  } catch (error) {
    return { ok: false, error }
  }
}

/** Posts to an incoming webhook. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (2026-11) */
export const webhookPost =
  (parts: WebhookParts): Post =>
  async (message, signal, more) => {
    const about = { ...parts.about, ...more }
    const progress = { sent: false, status: undefined }
    const asked = await ask(parts, message, signal, progress)
    if (!asked.ok) {
      return classify({ error: asked.error, aborted: signal.aborted, ...progress }, about)
    }
    const { answer } = asked
    return answer.status === 200 && answer.text === 'ok' ? 'webhook' : classifyWebhook(answer, about)
  }

/** What an empty post is refused with by a webhook that works. */
const EMPTY = /^(no_text|invalid_payload|missing_text_or_fallback_or_attachments)$/

/** Proves, by a post with nothing in it, that the webhook is there. */
export const checkWebhook = async (parts: WebhookParts, signal: AbortSignal): Promise<readonly Finding[]> => {
  const what = 'an empty post to the webhook'
  const about = { ...parts.about, what }
  const progress = { sent: false, status: undefined }
  const asked = await ask(parts, {}, signal, progress)
  if (asked.ok && asked.answer.status === 400 && EMPTY.test(asked.answer.text)) {
    return [
      { state: 'proved', what: 'the webhook is there' },
      { state: 'unproved', what: 'which channel the webhook posts to: only a message would show' },
      {
        state: 'unproved',
        what: 'whether a message whose answer is lost arrived: a webhook cannot look, a token can',
      },
    ]
  }
  const failure = asked.ok
    ? classifyWebhook(asked.answer, about)
    : classify({ error: asked.error, aborted: signal.aborted, ...progress }, about)
  const mend = failure.mend === undefined ? {} : { mend: failure.mend }
  return [{ state: failure.kind === 'throttled' ? 'unproved' : 'failed', what: failure.message, ...mend }]
}
