import type { KeptRefused, Store } from '@onsignup/core/engine'
import { Hono } from 'hono'
import { z } from 'zod'
import { ProblemError } from './problem.ts'
import { idOf, integer, query } from './query.ts'
import type { Receiver } from './receive.ts'
import { time } from './views.ts'

interface AgainPorts {
  readonly store: Store
  /** By the address that each serves. */
  readonly receivers: ReadonlyMap<string, Receiver>
}

const listQuery = z.strictObject({
  limit: integer(1, 200).default(50),
  after: integer(1, Number.MAX_SAFE_INTEGER).optional(),
})

const refusedJson = ({ id, path, at, eventId, why, payload }: KeptRefused) => ({
  id,
  path,
  at: time(at),
  event_id: eventId,
  why,
  payload: z.unknown().parse(JSON.parse(payload)),
})

const missing = (): ProblemError =>
  new ProblemError({ status: 404, code: 'missing', title: 'nothing of that id was refused, or it is gone' })

/** `GET /refused`. */
export const refusedRoutes = ({ store }: { readonly store: Pick<Store, 'listRefused'> }): Hono =>
  new Hono().get('/', async (c) => {
    const { limit, after } = query(listQuery, c)
    const refused = await store.listRefused({ limit, ...(after !== undefined && { after }) })
    const last = refused.length === limit ? refused.at(-1) : undefined
    return c.json({ refused: refused.map(refusedJson), after: last?.id ?? null })
  })

/** The way to try one again that was refused. */
export const againRoutes = ({ store, receivers }: AgainPorts): Hono =>
  new Hono().post('/:id/retry', async (c) => {
    const id = idOf(c) ?? 0
    const [refused] = await store.listRefused({ limit: 1, id })
    if (refused === undefined) throw missing()
    const receiver = receivers.get(refused.path)
    if (receiver === undefined) {
      throw new ProblemError({
        status: 409,
        code: 'source_missing',
        title: `no source has the address ${refused.path} any more`,
        mend: 'configure it again under its name',
      })
    }
    const why = await receiver.again(refused.payload)
    if (why !== undefined) throw new ProblemError({ status: 409, code: 'still_refused', title: why })
    await store.dropRefused({ id })
    return c.json({ taken: 1 })
  })
