import type { JsonObject } from './blocks.ts'
import { characters, TEXT_OBJECT } from './limits.ts'
import { digestMetadata } from './marks.ts'
import { AS_WRITTEN, type Message } from './message.ts'
import { cutText } from './text.ts'

/** Of one sign-up. */
const LINE = 300
/** Of all lines together; what is over is counted, not listed. Slack takes some 13,200 characters in all blocks. */
const ALL_LINES = 9_000

/** What a sign-up's own message says, on one line. */
export const lineOf = ({ text }: Message): string => cutText(`• ${text.replace(/\s+/g, ' ')}`, LINE)

/** As many lines as there is room for, each section as full as Slack allows. */
const sectionsOf = (lines: readonly string[]): readonly string[] => {
  const sections: string[] = []
  let left = ALL_LINES
  for (const [index, line] of lines.entries()) {
    left -= line.length + 1
    if (left < 0) return [...sections, `and ${lines.length - index} more`]
    const last = sections.at(-1)
    if (last !== undefined && last.length + 1 + line.length <= TEXT_OBJECT) {
      sections[sections.length - 1] = `${last}\n${line}`
    } else {
      sections.push(line)
    }
  }
  return sections
}

const section = (text: string): JsonObject => ({
  type: 'section',
  text: { type: 'mrkdwn', text, verbatim: true },
})

/** One of the deliveries that go as one message. */
export interface Draft {
  readonly message: Message
  readonly idempotencyKey: string
}

/** One message in place of many of one channel: how many signed up, and a line for each. There is at least one. */
export const digestMessage = (drafts: readonly Draft[]): Message => {
  const messages = drafts.map(({ message }) => message)
  const [first] = messages
  if (first === undefined) throw new Error('a digest of nothing')
  const title = `${messages.length} new sign-ups`
  const heading = title.slice(0, characters('header', 'text'))
  const lines = messages.map(lineOf)
  return {
    text: cutText(`${title}\n${lines.join('\n')}`, TEXT_OBJECT),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: heading, emoji: false } },
      ...sectionsOf(lines).map(section),
    ],
    ...AS_WRITTEN,
    ...(first.channel === undefined
      ? {}
      : {
          channel: first.channel,
          metadata: digestMetadata(drafts.map(({ idempotencyKey }) => idempotencyKey)),
        }),
  }
}
