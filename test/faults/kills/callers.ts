import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'

/** Those who register users over HTTP, one request after the other each, whether anybody answers or not. */
export interface Callers {
  /** The ids of the events that were answered with 202. */
  readonly accepted: ReadonlySet<string>
  /** Answers by status, and `none` for connections that were refused or cut. */
  readonly answers: Readonly<Record<string, number>>
  /** Answers that said something else of the same registration than an earlier one. */
  readonly contradictions: readonly string[]
  /** From now on they call this address. */
  call(url: string): void
  stop(): Promise<void>
}

export interface CallersOptions {
  readonly count: number
  readonly random: () => number
  /** Milliseconds that a caller waits before its next registration. */
  readonly think: number
}

/** How often what was accepted is sent once more, and what was not is given up for the next. */
const REPEATED = 0.05
const GIVEN_UP = 0.5
const BEFORE_NEXT_TRY = 5

const answered = z.object({ id: z.string(), duplicate: z.boolean() })

const post = async (agent: Agent, url: string, user: string) => {
  const headers = { 'Content-Type': 'application/json' }
  const sent = request(`${url}/events`, { agent, method: 'POST', headers })
  sent.end(JSON.stringify({ user: { id: user, email: `${user}@example.com` } }))
  const [response] = await once(sent, 'response')
  const { statusCode } = z.object({ statusCode: z.number() }).parse(response)
  return { status: statusCode, body: await text(response) }
}

export const startCallers = ({ count, random, think }: CallersOptions): Callers => {
  const agent = new Agent({ keepAlive: true, maxSockets: count })
  const accepted = new Set<string>()
  const answers: Record<string, number> = {}
  const contradictions: string[] = []
  let url: string | null = null
  const stop = new AbortController()

  /** The event's id if it was accepted. */
  const tell = async (user: string, before: string | null): Promise<string | null> => {
    if (url === null) return null
    const answer = await post(agent, url, user).catch(() => null)
    const status = answer === null ? 'none' : String(answer.status)
    answers[status] = (answers[status] ?? 0) + 1
    if (answer?.status !== 202) return null
    const { id, duplicate } = answered.parse(JSON.parse(answer.body))
    accepted.add(id)
    if (before !== null && (id !== before || !duplicate))
      contradictions.push(`${user}: ${before}, then ${id}`)
    return id
  }

  const call = async (caller: number): Promise<void> => {
    for (let n = 0; !stop.signal.aborted; n += 1) {
      const user = `u-${caller}-${n}`
      let id = await tell(user, null)
      while (id === null && !stop.signal.aborted) {
        await pause(BEFORE_NEXT_TRY)
        if (random() < GIVEN_UP) break
        id = await tell(user, null)
      }
      if (id !== null && random() < REPEATED) await tell(user, id)
      if (think > 0) await pause(random() * 2 * think)
    }
  }

  const calling = Promise.all(Array.from({ length: count }, (_, caller) => call(caller)))
  return {
    accepted,
    answers,
    contradictions,
    call(address) {
      url = address
    },
    async stop() {
      stop.abort()
      await calling
      agent.destroy()
    },
  }
}
