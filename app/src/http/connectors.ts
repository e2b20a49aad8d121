import { OnSignupError } from '@onsignup/core'
import type { Dispatcher, Store } from '@onsignup/core/engine'
import { Hono } from 'hono'
import { z } from 'zod'
import { gateOf, type StoredConnector } from '../gates.ts'
import { ProblemError } from './problem.ts'
import { query } from './query.ts'

interface ConnectorPorts {
  readonly dispatcher: Dispatcher
  readonly store: Store
  readonly now: () => number
}

const iso = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : new Date(time).toISOString()

const connectorJson = (row: StoredConnector, now: number) => {
  const gate = gateOf(row, now)
  const { name, uses, parked, paused, throttledUntil } = row
  return {
    name,
    uses,
    gate,
    since: gate === 'paused' ? iso(paused) : gate === 'parked' ? iso(parked?.since) : null,
    until: gate === 'throttled' ? iso(throttledUntil) : null,
    code: parked?.code ?? null,
    reason: parked?.reason ?? null,
    mend: parked?.mend ?? null,
  }
}

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

const orUnknown = async <T>(change: Promise<T>): Promise<T> => {
  try {
    return await change
  } catch (error) {
    if (!(error instanceof OnSignupError) || error.code !== 'connector_unknown') throw error
    throw new ProblemError({ status: 404, code: error.code, title: error.message, mend: error.mend })
  }
}

/** `GET /connectors`, and the ways to pause, resume and backfill one. */
export const connectorRoutes = ({ dispatcher, store, now }: ConnectorPorts): Hono => {
  const one = async (name: string) => {
    const row = (await store.connectors()).find((each) => each.name === name && each.current)
    return row === undefined ? null : connectorJson(row, now())
  }
  return new Hono()
    .get('/', async (c) => {
      const rows = await store.connectors()
      return c.json({ connectors: rows.map((row) => connectorJson(row, now())) })
    })
    .get('/:name/backfill', async (c) => {
      const missing = await orUnknown(dispatcher.countMissing(c.req.param('name'), query(period, c)))
      return c.json({ missing })
    })
    .post('/:name/backfill', async (c) => {
      const backfilled = await orUnknown(dispatcher.backfill(c.req.param('name'), query(period, c)))
      return c.json({ backfilled })
    })
    .post('/:name/pause', async (c) => {
      await orUnknown(dispatcher.pause(c.req.param('name')))
      return c.json(await one(c.req.param('name')))
    })
    .post('/:name/resume', async (c) => {
      await orUnknown(dispatcher.resume(c.req.param('name')))
      return c.json(await one(c.req.param('name')))
    })
}
