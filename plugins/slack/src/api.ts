import { z } from 'zod'
import { classify, type About } from './classify.ts'
import type { Call } from './client.ts'
import type { Post } from './message.ts'

const posted = z.object({ channel: z.string().max(40), ts: z.string().max(40) })

/** Posts with chat.postMessage. */
export const apiPost =
  (call: Call, about: Omit<About, 'what'>): Post =>
  async (message, signal, what) => {
    const reply = await call('chat.postMessage', message, signal)
    if (!reply.ok) return classify(reply.trouble, { ...about, what })
    const answer = posted.safeParse(reply.answer)
    return answer.success ? `${answer.data.channel} ${answer.data.ts}` : (message.channel ?? '')
  }
