import { z } from 'zod'
import { CommandError, EXIT } from './output.ts'

const attempt = z.object({
  at: z.string().nullable(),
  ms: z.number(),
  outcome: z.string(),
  code: z.string().nullable(),
  detail: z.string().nullable(),
})

const delivery = z.object({
  id: z.number(),
  event: z.string(),
  connector: z.string(),
  state: z.string(),
  user: z.object({ id: z.string(), email: z.string().nullable() }),
  next_attempt_at: z.string().nullable(),
  reason: z.string().nullable(),
  attempts: z.array(attempt),
})

export type Delivery = z.infer<typeof delivery>

const published = z.object({ id: z.string(), duplicate: z.boolean() })
const eventAnswer = z.object({ deliveries: z.array(delivery) })
const listAnswer = z.object({ deliveries: z.array(delivery), after: z.number().nullable() })
const retryAnswer = z.object({ retried: z.number() })
const problem = z.object({
  title: z.string(),
  mend: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

const refusal = async (response: Response): Promise<CommandError> => {
  const parsed = problem.safeParse(await response.json().catch(() => null))
  if (!parsed.success) return new CommandError(EXIT.failed, `the service answered ${response.status}`)
  return new CommandError(EXIT.failed, parsed.data.title, parsed.data.mend)
}

/** Speaks to a running service over its HTTP interface. */
export class Client {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #fetch: typeof globalThis.fetch

  constructor(url: string, token: string | null, fetch: typeof globalThis.fetch = globalThis.fetch) {
    this.#url = url.replace(/\/+$/, '')
    this.#headers = token === null ? {} : { Authorization: `Bearer ${token}` }
    this.#fetch = fetch
  }

  async publish(registration: unknown) {
    const response = await this.#send('POST', '/events', JSON.stringify(registration))
    return published.parse(await response.json())
  }

  async deliveriesOf(event: string): Promise<readonly Delivery[]> {
    const response = await this.#send('GET', `/events/${encodeURIComponent(event)}`)
    return eventAnswer.parse(await response.json()).deliveries
  }

  async deliveries(query: Readonly<Record<string, string>>) {
    const response = await this.#send('GET', `/deliveries?${new URLSearchParams(query).toString()}`)
    return listAnswer.parse(await response.json())
  }

  async retry(id: string, again: boolean): Promise<number> {
    const path = `/deliveries/${encodeURIComponent(id)}/retry${again ? '?again=true' : ''}`
    const response = await this.#send('POST', path)
    return retryAnswer.parse(await response.json()).retried
  }

  async retryAll(query: Readonly<Record<string, string>>): Promise<number> {
    const response = await this.#send('POST', `/deliveries/retry?${new URLSearchParams(query).toString()}`)
    return retryAnswer.parse(await response.json()).retried
  }

  async #send(method: string, path: string, body?: string): Promise<Response> {
    let response: Response
    try {
      response = await this.#fetch(`${this.#url}${path}`, {
        method,
        // A redirect would carry the token to wherever it points.
        redirect: 'error',
        headers: { ...this.#headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        ...(body === undefined ? {} : { body }),
      })
    } catch {
      throw new CommandError(
        EXIT.unreachable,
        `no service answers at ${this.#url}`,
        'start it with onsignup start, or name another with --url',
      )
    }
    if (response.ok) return response
    throw await refusal(response)
  }
}
