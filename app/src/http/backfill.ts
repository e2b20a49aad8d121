import type { Dispatcher } from '@onsignup/core/engine'
import { Hono } from 'hono'
import { z } from 'zod'
import { orUnknown } from './connectors.ts'
import { query } from './query.ts'

const time = z
  .union(
    [z.iso.date(), z.iso.datetime({ offset: true })],
    'a date, or a date and time as 2026-11-26T09:00:00Z',
  )
  .transform((text) => Date.parse(text))
  .nullable()
  .default(null)

const period = z
  .strictObject({ since: time, until: time })
  .refine(({ since, until }) => since === null || until === null || since < until, {
    path: ['until'],
    message: 'it is not after since',
  })

interface BackfillPorts {
  readonly dispatcher: Pick<Dispatcher, 'countMissing' | 'backfill'>
}

/** The ways to count and to give a connector what it was never given. */
export const backfillRoutes = ({ dispatcher }: BackfillPorts): Hono =>
  new Hono()
    .get('/:name/backfill', async (c) => {
      const missing = await orUnknown(dispatcher.countMissing(c.req.param('name'), query(period, c)))
      return c.json({ missing })
    })
    .post('/:name/backfill', async (c) => {
      const backfilled = await orUnknown(dispatcher.backfill(c.req.param('name'), query(period, c)))
      return c.json({ backfilled })
    })
