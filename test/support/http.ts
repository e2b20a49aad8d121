import { z } from 'zod'
import { until } from './until.ts'

const attempt = z.strictObject({
  at: z.iso.datetime(),
  ms: z.number(),
  outcome: z.string(),
  code: z.string().nullable(),
  detail: z.string().nullable(),
  sent: z.string().optional(),
  another_body: z.literal(true).optional(),
})

export const deliverySchema = z.strictObject({
  id: z.int(),
  event: z.uuid(),
  connector: z.string(),
  state: z.string(),
  user: z.strictObject({ id: z.string(), email: z.string().nullable() }),
  next_attempt_at: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
  attempts: z.array(attempt),
})

export type Delivery = z.infer<typeof deliverySchema>

const published = z.strictObject({ id: z.uuid(), duplicate: z.boolean() })
const eventAnswer = z.object({ deliveries: z.array(deliverySchema) })

export const post = (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${url}/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** Posts what must be accepted. */
export const publish = async (url: string, registration: unknown) => {
  const response = await post(url, registration)
  const text = await response.text()
  if (response.status !== 202) throw new Error(`answered ${response.status}: ${text}`)
  return published.parse(JSON.parse(text))
}

/** The deliveries of an event by their connector's name. */
export const deliveriesOf = async (url: string, event: string): Promise<Record<string, Delivery>> => {
  const response = await fetch(`${url}/events/${event}`)
  const { deliveries } = eventAnswer.parse(await response.json())
  return Object.fromEntries(deliveries.map((delivery) => [delivery.connector, delivery]))
}

export const statesOf = async (url: string, event: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    Object.values(await deliveriesOf(url, event)).map(({ connector, state }) => [connector, state]),
  )

export const untilDelivered = (url: string, event: string): Promise<void> =>
  until(`everything of ${event} is delivered`, async () =>
    Object.values(await statesOf(url, event)).every((state) => state === 'delivered'),
  )

/** What came of each attempt, the oldest first. */
export const outcomes = (delivery: Delivery | undefined): string[] =>
  (delivery?.attempts ?? []).map(({ outcome }) => outcome)
