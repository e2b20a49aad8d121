import type { Notice } from '@onsignup/core'
import { AS_WRITTEN, type Message } from './message.ts'
import { characters, TEXT_OBJECT } from './limits.ts'
import { cutText, escapeMrkdwn, escapeText } from './text.ts'

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false })

/** The arguments of chat.postMessage that tell an operator; far sides' words are never mrkdwn. */
export const noticeMessage = ({ title, text }: Notice, channel: string | undefined): Message => {
  const lines = text.split('\n').map((line) => escapeText(line, TEXT_OBJECT))
  return {
    ...(channel === undefined ? {} : { channel }),
    text: escapeMrkdwn(title, TEXT_OBJECT),
    blocks: [
      { type: 'header', text: plain(escapeText(title, characters('header', 'text'))) },
      { type: 'section', text: plain(cutText(lines.join('\n'), TEXT_OBJECT)) },
    ],
    ...AS_WRITTEN,
  }
}
