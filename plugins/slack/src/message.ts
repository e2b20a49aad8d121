import { rejected, type Failure, type RegistrationEvent, type Services } from '@onsignup/core'
import { compileBlock, textLength, type JsonObject } from './blocks.ts'
import { isChannel, isTemplate } from './channel.ts'
import { defaultBlocks, defaultText } from './default-message.ts'
import { ALL_BLOCKS, MESSAGE_TEXT, TEXT_OBJECT } from './limits.ts'
import type { SlackOptions } from './options.ts'
import { createRenderer } from './renderer.ts'
import { clean } from './text.ts'

/** The arguments of chat.postMessage. */
export interface Message extends Readonly<Record<string, unknown>> {
  /** Left out when a webhook decides it. */
  readonly channel?: string
  readonly text: string
  readonly blocks?: readonly JsonObject[]
}

/** Posts a message; what is returned is where it is now, or why it is not. `what` names the call for people. */
export type Post = (message: Message, signal: AbortSignal, what: string) => Promise<string | Failure>

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

const compileChannel = (channel: string, { templates }: Services): ((event: RegistrationEvent) => string) => {
  if (!isTemplate(channel)) return () => channel
  const render = templates.text(channel, clean)
  return (event) => {
    const name = render(event).trim()
    if (isChannel(name)) return name
    throw rejected(`the channel template gives ${JSON.stringify(name.slice(0, 80))}, which is no channel`, {
      code: 'channel_invalid',
      mend: 'let `channel` always give an ID as C0123456789, or a name as #signups; Liquid has `default` for unknown values',
    })
  }
}

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

/** Of a message to a channel; a webhook takes neither. Any app in the workspace can read metadata: nothing personal. */
export const addressed = (channel: string, type: string, payload: JsonObject) => ({
  channel,
  metadata: { event_type: type, event_payload: payload },
})

/** Compiles the options to the one function that makes what is posted: the arguments of chat.postMessage, or a webhook's. */
export const compileMessage = (
  options: SlackOptions,
  services: Services,
): ((event: RegistrationEvent) => Message) => {
  const render = createRenderer(services.templates)
  const channel = options.channel === undefined ? undefined : compileChannel(options.channel, services)
  const text = options.text === undefined ? undefined : render(options.text, 'text')
  const blocks = compileBlocks(options, render)
  return (event) => {
    const shown = blocks(event)
    const written = text?.(event, MESSAGE_TEXT, TEXT_OBJECT) ?? ''
    return {
      text: written.trim() === '' ? defaultText(event) : written,
      ...(shown.length > 0 ? { blocks: shown } : {}),
      ...AS_WRITTEN,
      ...(channel === undefined ? {} : addressed(channel(event), 'user_registered', { id: event.id })),
    }
  }
}
