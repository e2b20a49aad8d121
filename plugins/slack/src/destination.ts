import type { Finding, Limit, RegistrationEvent, Services } from '@onsignup/core'
import { apiPost } from './api.ts'
import { compileChannel, isTemplate } from './channel.ts'
import { checkSlack } from './check.ts'
import { createCall } from './client.ts'
import { foundNothing, lookInHistory, type Look } from './history.ts'
import type { Message, Post } from './message.ts'
import type { SlackOptions } from './options.ts'
import { ratesOf } from './rates.ts'
import { createSlackRedact } from './redact.ts'
import { checkWebhook, webhookPost } from './webhook.ts'

/** Where messages go, and how. */
export interface Destination {
  readonly post: Post
  /** Names a call for people. */
  readonly nameOf: (message: Message) => string
  /** Looks for messages whose answer was lost. */
  readonly look: Look
  readonly check: (signal: AbortSignal) => Promise<readonly Finding[]>
  /** Slack's own limits; a function where the channel depends on the event. */
  readonly limits: readonly Limit[] | ((event: RegistrationEvent) => readonly Limit[])
  /** Where alerts go: a channel, or wherever the webhook leads; null: nowhere that is fixed. */
  readonly alerts: { readonly channel: string | undefined } | null
}

const toWebhook = (url: string, { fetch }: Services): Destination => {
  const rates = ratesOf(url)
  const parts = {
    url,
    fetch,
    about: { channelFromEvent: false, bucket: rates.workspace, redact: createSlackRedact(url) },
  }
  return {
    post: webhookPost(parts),
    nameOf: () => 'the post to the webhook',
    look: () => Promise.resolve(foundNothing('a webhook cannot see what is in its channel')),
    check: (signal) => checkWebhook(parts, signal),
    limits: rates.of('of the webhook'),
    alerts: { channel: undefined },
  }
}

/**
 * How long Slack may still take to store a message whose answer was lost, so that a look does not come before it.
 * Milliseconds; a guess, since Slack names none.
 */
const SETTLING = 3_000

interface ToChannel {
  readonly token: string
  readonly channel: string
  readonly apiUrl: string | undefined
  readonly alertsChannel: string | undefined
}

const toChannel = (
  { token, channel, apiUrl, alertsChannel }: ToChannel,
  { fetch, logger, templates }: Services,
): Destination => {
  const redact = createSlackRedact(token)
  const call = createCall({ token, redact, apiUrl, fetch, logger })
  const rates = ratesOf(token)
  const channelFromEvent = isTemplate(channel)
  if (channel.startsWith('#') && !channelFromEvent) {
    logger.warn({ channel }, `write the ID of ${channel}: names change, and private channels need the ID`)
  }
  const channelOf = compileChannel(channel, templates)
  const ids = new Map<string, string>()
  const lookIn = lookInHistory({ call, redact })
  const alerts = alertsChannel ?? (channelFromEvent ? undefined : channel)
  return {
    post: apiPost(
      call,
      { channelFromEvent, bucket: rates.workspace, settling: SETTLING, redact },
      (name, id) => ids.set(name, id),
    ),
    nameOf: ({ channel: name = channel }) => `chat.postMessage to ${name}`,
    look: ({ channel: name = '', ...lost }, signal) =>
      lookIn({ ...lost, channel: ids.get(name) ?? name }, signal),
    check: (signal) => checkSlack({ call, redact }, { channel, alerts: alertsChannel }, signal),
    limits: channelFromEvent ? (event) => rates.of(channelOf(event)) : rates.of(channel),
    alerts: alerts === undefined ? null : { channel: alerts },
  }
}

/** What the options say, which name a webhook, or a token and a channel. */
export const destinationOf = (
  { token, channel, webhook_url: url, api_url: apiUrl, alerts_channel: alertsChannel }: SlackOptions,
  services: Services,
): Destination => {
  if (url !== undefined) return toWebhook(url, services)
  if (token === undefined || channel === undefined) throw new Error('neither a webhook nor a channel')
  return toChannel({ token, channel, apiUrl, alertsChannel }, services)
}
