import { OnSignupError } from '@onsignup/core'
import type { Operator, Store } from '@onsignup/core/engine'
import { Hono } from 'hono'
import { gateOf, type StoredConnector } from '../gates.ts'
import { ProblemError } from './problem.ts'
import { time } from './views.ts'

interface ConnectorPorts {
  readonly store: Pick<Store, 'connectors'>
  readonly now: () => number
}

const connectorJson = (row: StoredConnector, now: number) => {
  const gate = gateOf(row, now)
  const { name, uses, parked, paused, throttledUntil } = row
  return {
    name,
    uses,
    gate,
    since: gate === 'paused' ? time(paused) : gate === 'parked' ? time(parked?.since ?? null) : null,
    until: gate === 'throttled' ? time(throttledUntil) : null,
    code: parked?.code ?? null,
    reason: parked?.reason ?? null,
    mend: parked?.mend ?? null,
  }
}

/** Answers 404 for a connector that is not configured. */
export const orUnknown = async <T>(change: Promise<T>): Promise<T> => {
  try {
    return await change
  } catch (error) {
    if (!(error instanceof OnSignupError) || error.code !== 'connector_unknown') throw error
    throw new ProblemError({ status: 404, code: error.code, title: error.message, mend: error.mend })
  }
}

/** `GET /connectors`. */
export const connectorRoutes = ({ store, now }: ConnectorPorts): Hono =>
  new Hono().get('/', async (c) => {
    const rows = await store.connectors()
    return c.json({ connectors: rows.map((row) => connectorJson(row, now())) })
  })

/** The ways to pause and resume a connector. */
export const gateRoutes = ({
  operator,
  store,
  now,
}: ConnectorPorts & { readonly operator: Operator }): Hono => {
  const one = async (name: string) => {
    const row = (await store.connectors()).find((each) => each.name === name && each.current)
    return row === undefined ? null : connectorJson(row, now())
  }
  return new Hono()
    .post('/:name/pause', async (c) => {
      await orUnknown(operator.pause(c.req.param('name')))
      return c.json(await one(c.req.param('name')))
    })
    .post('/:name/resume', async (c) => {
      await orUnknown(operator.resume(c.req.param('name')))
      return c.json(await one(c.req.param('name')))
    })
}
