import { z } from 'zod'
import { CommandError, EXIT } from './output.ts'

const attempt = z.object({
  at: z.string().nullable(),
  ms: z.number(),
  outcome: z.string(),
  code: z.string().nullable(),
  detail: z.string().nullable(),
  sent: z.string().optional(),
  another_body: z.boolean().optional(),
  output: z.string().optional(),
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
const connector = z.object({
  name: z.string(),
  uses: z.string(),
  gate: z.string(),
  since: z.string().nullable(),
  until: z.string().nullable(),
  reason: z.string().nullable(),
  mend: z.string().nullable(),
})

export type ConnectorGate = z.infer<typeof connector>

const refused = z.object({
  id: z.number(),
  path: z.string(),
  at: z.string(),
  event_id: z.string().nullable(),
  why: z.string(),
  payload: z.unknown(),
})
const refusedAnswer = z.object({ refused: z.array(refused), after: z.number().nullable() })
const takenAnswer = z.object({ taken: z.number() })
const connectorsAnswer = z.object({ connectors: z.array(connector) })
const missingAnswer = z.object({ missing: z.number() })
const backfillAnswer = z.object({ backfilled: z.number() })
const dropAnswer = z.object({ dropped: z.number() })
const forgetAnswer = z.object({ forgotten: z.number() })
const retryAnswer = z.object({ retried: z.number() })
const problem = z.object({
  title: z.string(),
  mend: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

const refusal = async (response: Response): Promise<CommandError> => {
  const parsed = problem.safeParse(await response.json().catch(() => null))
  if (!parsed.success) return new CommandError(EXIT.failed, `the service answered ${response.status}`)
  const { title, mend, errors = [] } = parsed.data
  const wrong = errors
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .filter((said) => !title.includes(said))
  return new CommandError(
    EXIT.failed,
    [title, wrong.join('; ')].filter((part) => part !== '').join(': '),
    mend,
  )
}

/** What a listing is asked for; undefined: not. */
type Query = Readonly<Record<string, string | undefined>>

const queryOf = (query: Query): string => {
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, value)
  return asked.toString()
}

const backfillPath = (connector: string, period: Query): string =>
  `/connectors/${encodeURIComponent(connector)}/backfill?${queryOf(period)}`

/** Answers in place of a service that cannot be reached. */
export interface StandIn extends AsyncDisposable {
  fetch(request: Request): Promise<Response>
}

export interface ClientOptions {
  readonly fetch?: typeof globalThis.fetch
  /** Default: none, so that nothing is done where no service answers. */
  readonly standIn?: StandIn | null
}

/** Whether it says that no connection came about; a name with several addresses has an error of each. */
const isUnconnected = (error: unknown): boolean => {
  if (error instanceof AggregateError) return error.errors.every(isUnconnected)
  if (!(error instanceof Error)) return false
  if ('syscall' in error) return error.syscall === 'connect' || error.syscall === 'getaddrinfo'
  return 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT'
}

/** Whether what `fetch` threw says that the request was not sent, so that nobody did what it asks for. */
const isUnsent = (error: unknown): boolean => error instanceof Error && isUnconnected(error.cause)

/** Speaks to a running service over its HTTP interface, or to what stands in for it. */
export class Client implements AsyncDisposable {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #fetch: typeof globalThis.fetch
  readonly #standIn: StandIn | null
  #isAbsent = false

  constructor(
    url: string,
    token: string | null,
    { fetch = globalThis.fetch, standIn = null }: ClientOptions = {},
  ) {
    this.#url = url.replace(/\/+$/, '')
    this.#headers = token === null ? {} : { Authorization: `Bearer ${token}` }
    this.#fetch = fetch
    this.#standIn = standIn
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#standIn?.[Symbol.asyncDispose]()
  }

  async publish(registration: unknown) {
    return this.#ask(published, 'POST', '/events', JSON.stringify(registration))
  }

  async deliveriesOf(event: string): Promise<readonly Delivery[]> {
    return (await this.#ask(eventAnswer, 'GET', `/events/${encodeURIComponent(event)}`)).deliveries
  }

  async deliveries(query: Query) {
    return this.#ask(listAnswer, 'GET', `/deliveries?${queryOf(query)}`)
  }

  async delivery(id: string): Promise<Delivery> {
    return this.#ask(delivery, 'GET', `/deliveries/${encodeURIComponent(id)}`)
  }

  async retry(id: string, again: boolean): Promise<number> {
    const path = `/deliveries/${encodeURIComponent(id)}/retry${again ? '?again=true' : ''}`
    return (await this.#ask(retryAnswer, 'POST', path)).retried
  }

  async retryAll(query: Query): Promise<number> {
    const path = `/deliveries/retry?${queryOf(query)}`
    return (await this.#ask(retryAnswer, 'POST', path)).retried
  }

  async refused(query: Query) {
    return this.#ask(refusedAnswer, 'GET', `/refused?${queryOf(query)}`)
  }

  async retryRefused(id: string): Promise<void> {
    await this.#ask(takenAnswer, 'POST', `/refused/${encodeURIComponent(id)}/retry`)
  }

  async connectors(): Promise<readonly ConnectorGate[]> {
    return (await this.#ask(connectorsAnswer, 'GET', '/connectors')).connectors
  }

  async changeGate(name: string, change: 'pause' | 'resume'): Promise<ConnectorGate> {
    return this.#ask(connector, 'POST', `/connectors/${encodeURIComponent(name)}/${change}`)
  }

  /** How many stored registrations a connector was never given. */
  async missing(connector: string, period: Query): Promise<number> {
    return (await this.#ask(missingAnswer, 'GET', backfillPath(connector, period))).missing
  }

  async backfill(connector: string, period: Query): Promise<number> {
    return (await this.#ask(backfillAnswer, 'POST', backfillPath(connector, period))).backfilled
  }

  async drop(connector: string): Promise<number> {
    return (await this.#ask(dropAnswer, 'POST', `/deliveries/drop?${queryOf({ connector })}`)).dropped
  }

  async forget(user: string): Promise<number> {
    return (await this.#ask(forgetAnswer, 'DELETE', `/users/${encodeURIComponent(user)}`)).forgotten
  }

  async #ask<S extends z.ZodType>(
    schema: S,
    method: string,
    path: string,
    body?: string,
  ): Promise<z.output<S>> {
    const response = await this.#send(method, path, body)
    const answer = schema.safeParse(await response.json().catch(() => null))
    if (answer.success) return answer.data
    throw new CommandError(EXIT.failed, `what answers at ${this.#url} is not onsignup`, 'correct --url')
  }

  async #send(method: string, path: string, body?: string): Promise<Response> {
    const url = `${this.#url}${path}`
    const init = {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body }),
    }
    const response =
      (this.#isAbsent ? undefined : await this.#ofService(url, init)) ??
      (await this.#standIn?.fetch(new Request(url, init)))
    if (response?.ok === true) return response
    throw response === undefined ? this.#unreachable() : await refusal(response)
  }

  /** Undefined when another may stand in. */
  async #ofService(url: string, init: RequestInit): Promise<Response | undefined> {
    try {
      // A redirect would carry the token to wherever it points.
      return await this.#fetch(url, { ...init, redirect: 'error' })
    } catch (error) {
      if (!isUnsent(error)) throw this.#unreachable()
      this.#isAbsent = true
      return undefined
    }
  }

  #unreachable(): CommandError {
    return new CommandError(
      EXIT.unreachable,
      `no service answers at ${this.#url}`,
      'start it with onsignup start, or name another with --url',
    )
  }
}
