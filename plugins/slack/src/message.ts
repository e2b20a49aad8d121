import type { Failure, RegistrationEvent, Services } from '@onsignup/core'
import { compileBlock, textLength, type JsonObject } from './blocks.ts'
import { compileChannel } from './channel.ts'
import type { About } from './classify.ts'
import { defaultBlocks, defaultText } from './default-message.ts'
import { ALL_BLOCKS, MESSAGE_TEXT, TEXT_OBJECT } from './limits.ts'
import { singleMetadata, type Metadata } from './marks.ts'
import type { SlackOptions } from './options.ts'
import { createRenderer } from './renderer.ts'

/** The arguments of chat.postMessage. */
export interface Message extends Readonly<Record<string, unknown>> {
  /** Left out when a webhook decides it. */
  readonly channel?: string
  readonly text: string
  readonly blocks?: readonly JsonObject[]
  /** Left out with a webhook, which takes none. */
  readonly metadata?: Metadata
}

/** A message as `preview` shows it, and as the engine is told of it before it is sent. */
export const messageText = (message: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(message, null, 2)

/** Posts a message; what is returned is where it is now, or why it is not. */
export type Post = (
  message: Message,
  signal: AbortSignal,
  about: Pick<About, 'what' | 'isLastTry'>,
) => Promise<string | Failure>

/** Makes a delivery's message, which is known again by its idempotency key. */
export type MakeMessage = (event: RegistrationEvent, idempotencyKey: string) => Message

// Nothing that a stranger writes becomes a link, a mention or a picture:
// https://docs.slack.dev/reference/methods/chat.postMessage#formatting
export const AS_WRITTEN = {
  parse: 'none',
  link_names: false,
  unfurl_links: false,
  unfurl_media: false,
} as const

/** How long each value may be, tried in turn until all blocks together are short enough. */
const VALUE_LENGTHS = [TEXT_OBJECT, 1_000, 300, 100, 30]

const compileBlocks = (options: SlackOptions, render: ReturnType<typeof createRenderer>) => {
  if (options.blocks === undefined) return options.text === undefined ? defaultBlocks : () => []
  const parts = options.blocks.map((block) => compileBlock(block, render))
  const make = (event: RegistrationEvent, perValue: number) =>
    parts.map((part) => part(event, perValue)).filter((block) => block !== undefined)
  return (event: RegistrationEvent): readonly JsonObject[] => {
    let blocks: JsonObject[] = []
    for (const perValue of VALUE_LENGTHS) {
      blocks = make(event, perValue)
      if (textLength(blocks) <= ALL_BLOCKS) return blocks
    }
    while (textLength(blocks) > ALL_BLOCKS) blocks.pop()
    return blocks
  }
}

/** Compiles the options to the one function that makes what is posted: the arguments of chat.postMessage, or a webhook's. */
export const compileMessage = (options: SlackOptions, services: Services): MakeMessage => {
  const render = createRenderer(services.templates)
  const channel =
    options.channel === undefined ? undefined : compileChannel(options.channel, services.templates)
  const text = options.text === undefined ? undefined : render(options.text, 'mrkdwn')
  const blocks = compileBlocks(options, render)
  return (event, idempotencyKey) => {
    const shown = blocks(event)
    const written = text?.(event, MESSAGE_TEXT, TEXT_OBJECT) ?? ''
    return {
      text: written.trim() === '' ? defaultText(event) : written,
      ...(shown.length > 0 ? { blocks: shown } : {}),
      ...AS_WRITTEN,
      ...(channel === undefined
        ? {}
        : { channel: channel(event), metadata: singleMetadata(event.id, idempotencyKey) }),
    }
  }
}
