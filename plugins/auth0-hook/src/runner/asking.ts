import type { Channel } from './channel.ts'
import { MOST_ASKED, type StateRequest, type ToRunner } from './protocol.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

type Answer = Extract<ToRunner, { call: number }>

/** What scripts ask the service, few at once: what a script asks without end must fill no memory but its own. */
export interface Asking {
  ask(run: string, request: StateRequest): Promise<unknown>
  answer(message: Answer): void
  /** Whether an answer is outstanding. */
  readonly isWaiting: boolean
}

export const createAsking = (channel: Channel): Asking => {
  const waiting = new Map<number, Waiting>()
  const queue = new Set<() => void>()
  let nextCall = 1

  const sendNext = (): void => {
    for (const send of queue) {
      queue.delete(send)
      return send()
    }
  }

  return {
    ask: (run, request) =>
      new Promise((resolve, reject) => {
        const send = (): void => {
          const call = nextCall
          nextCall += 1
          waiting.set(call, { resolve, reject })
          channel.ref()
          channel.send(run, { type: 'state', call, request })
        }
        if (waiting.size < MOST_ASKED) send()
        else queue.add(send)
      }),
    answer(message) {
      const asked = waiting.get(message.call)
      waiting.delete(message.call)
      sendNext()
      if (message.type === 'state') asked?.resolve(message.value)
      else asked?.reject(new Error(message.message))
    },
    get isWaiting() {
      return waiting.size > 0
    },
  }
}
