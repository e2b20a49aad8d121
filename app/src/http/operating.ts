import type { Operator, Store } from '@onsignup/core/engine'
import { Hono } from 'hono'
import { connectorRoutes, gateRoutes } from './connectors.ts'
import { deliveryRoutes, retryRoutes } from './deliveries.ts'
import { ProblemError } from './problem.ts'
import { refusedRoutes } from './refused.ts'
import { deliveryJson } from './views.ts'

interface AskingPorts {
  readonly store: Pick<Store, 'connectors' | 'deliveries' | 'event' | 'listRefused'>
  readonly now: () => number
}

/** What operators ask, of which a store is all that it needs. */
export const askingRoutes = ({ store, now }: AskingPorts): Hono =>
  new Hono()
    .get('/events/:id', async (c) => {
      const id = c.req.param('id')
      const event = await store.event(id)
      if (event === null) {
        throw new ProblemError({ status: 404, code: 'not_found', title: `there is no event ${id}` })
      }
      const deliveries = await store.deliveries({ event: id, limit: 1_000 }, now())
      return c.json({ event, deliveries: deliveries.toReversed().map(deliveryJson) })
    })
    .route('/connectors', connectorRoutes({ store, now }))
    .route('/refused', refusedRoutes({ store }))
    .route('/deliveries', deliveryRoutes({ store, now }))

interface ActingPorts {
  readonly operator: Operator
  readonly store: Pick<Store, 'connectors'>
  readonly now: () => number
}

/** What operators do. */
export const actingRoutes = ({ operator, store, now }: ActingPorts): Hono =>
  new Hono()
    .delete('/users/:user', async (c) => {
      const { events } = await operator.forget(c.req.param('user'))
      return c.json({ forgotten: events })
    })
    .route('/connectors', gateRoutes({ operator, store, now }))
    .route('/deliveries', retryRoutes({ operator }))
