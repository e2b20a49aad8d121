import type { Operator, Retried, RetrySelection, Store } from '@onsignup/core/engine'
import { SHOWN_STATES } from '@onsignup/core/engine'
import { Hono, type Context } from 'hono'
import { z } from 'zod'
import { ProblemError } from './problem.ts'
import { idOf, integer, query } from './query.ts'
import { deliveryJson } from './views.ts'

interface DeliveryPorts {
  readonly store: Pick<Store, 'deliveries'>
  readonly now: () => number
}

const listQuery = z.strictObject({
  state: z.enum(SHOWN_STATES).optional(),
  connector: z.string().optional(),
  user: z.string().optional(),
  event: z.string().optional(),
  limit: integer(1, 200).default(50),
  after: integer(1, Number.MAX_SAFE_INTEGER).optional(),
})

const retryQuery = z.strictObject({
  state: z.enum(['dead', 'unknown', 'skipped']),
  connector: z.string().optional(),
})

const dropQuery = z.strictObject({ connector: z.string() })

const oneQuery = z.strictObject({ again: z.enum(['true', 'false']).default('false') })

const withoutUndefined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))

const REFUSED: Record<
  Exclude<Retried['kind'], 'retried'>,
  { status: 404 | 409; title: string; mend?: string }
> = {
  missing: { status: 404, title: 'there is no such delivery' },
  forgotten: { status: 409, title: 'the user of the delivery was forgotten' },
  running: { status: 409, title: 'the delivery is running', mend: 'wait until it has ended' },
  open: { status: 409, title: 'the delivery is still open', mend: 'it is tried without a command' },
  delivered: {
    status: 409,
    title: 'the delivery was delivered',
    mend: 'add again=true (--again) to send it once more',
  },
}

/** `GET /deliveries`, all or one of them. */
export const deliveryRoutes = ({ store, now }: DeliveryPorts): Hono =>
  new Hono()
    .get('/', async (c) => {
      const { limit, ...filter } = query(listQuery, c)
      const deliveries = await store.deliveries({ limit, ...withoutUndefined(filter) }, now())
      const last = deliveries.length === limit ? deliveries.at(-1) : undefined
      return c.json({ deliveries: deliveries.map(deliveryJson), after: last?.id ?? null })
    })
    .get('/:id', async (c) => {
      const [delivery] = await store.deliveries({ delivery: deliveryId(c), limit: 1 }, now())
      if (delivery === undefined) throw missing()
      return c.json(deliveryJson(delivery))
    })

/** The two ways to put deliveries back, and the way to end those of a connector that is gone. */
export const retryRoutes = ({ operator }: { readonly operator: Operator }): Hono => {
  const retry = async (c: Context, selection: RetrySelection) => {
    const retried = await operator.retry(selection)
    if (retried.kind === 'retried') return c.json({ retried: retried.deliveries.length })
    throw new ProblemError({ code: retried.kind, ...REFUSED[retried.kind] })
  }
  return new Hono()
    .post('/retry', async (c) => {
      const { state, connector } = query(retryQuery, c)
      return retry(c, { state, connector: connector ?? null })
    })
    .post('/drop', async (c) => c.json({ dropped: await operator.drop(query(dropQuery, c).connector) }))
    .post('/:id/retry', async (c) =>
      retry(c, { delivery: deliveryId(c), again: query(oneQuery, c).again === 'true' }),
    )
}

const missing = (): ProblemError => new ProblemError({ code: 'missing', ...REFUSED.missing })

const deliveryId = (c: Context): number => {
  const id = idOf(c)
  if (id === undefined) throw missing()
  return id
}
