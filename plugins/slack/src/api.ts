import { z } from 'zod'
import { classify, type About } from './classify.ts'
import type { Call } from './client.ts'
import type { Post } from './message.ts'

const posted = z.object({ channel: z.string().max(40), ts: z.string().max(40) })

/** Posts with chat.postMessage; `onPosted` is told the ID of a channel that may be known by its name only. */
export const apiPost =
  (
    call: Call,
    about: Omit<About, 'what' | 'isLastTry'>,
    onPosted: (channel: string, id: string) => void,
  ): Post =>
  async (message, signal, more) => {
    const reply = await call('chat.postMessage', message, signal)
    if (!reply.ok) return classify(reply.trouble, { ...about, ...more })
    const answer = posted.safeParse(reply.answer)
    const { channel = '' } = message
    if (!answer.success) return channel
    onPosted(channel, answer.data.channel)
    return `${answer.data.channel} ${answer.data.ts}`
  }
