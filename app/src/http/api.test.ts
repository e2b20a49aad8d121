import { OnSignupError } from '@onsignup/core'
import {
  ConnectorRegistry,
  createMemoryStore,
  Dispatcher,
  EventHub,
  RegistrationBus,
  type Store,
} from '@onsignup/core/engine'
import { createTestClock, recordingLogger } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Metrics } from '../metrics.ts'
import { createApi } from './api.ts'
import { createIntake } from './intake.ts'

const refuse = () => Promise.reject(new OnSignupError('store_unavailable', 'the disk is full'))

/** The API over a memory store of which any part may be replaced. */
const create = async (broken: Partial<Store> = {}, token: string | null = null) => {
  const clock = createTestClock()
  const logger = recordingLogger()
  const store = { ...createMemoryStore(), ...broken }
  const events = new EventHub(logger)
  const connectors = new ConnectorRegistry([], store)
  const dispatcher = new Dispatcher({
    store,
    connectors,
    events,
    clock,
    logger,
    random: () => 0,
    redact: (text) => text,
  })
  const bus = new RegistrationBus({ store, connectors, dispatcher, events, clock })
  const metrics = new Metrics({ events, store, connectors, clock })
  await store.open(clock.now())
  await connectors.open()
  return {
    api: createApi({
      intake: createIntake({ bus, logger, token }),
      endpoints: [],
      bus,
      dispatcher,
      store,
      logger,
      metrics,
      now: clock.now,
      token,
    }),
    bus,
    clock,
    dispatcher,
    logger,
  }
}

const post = (registration: unknown) =>
  [
    '/events',
    {
      method: 'POST',
      body: JSON.stringify(registration),
      headers: { 'Content-Type': 'application/json' },
    },
  ] as const

const ada = { user: { id: 'ada', email: 'ada@example.com' } }

describe('POST /events', () => {
  test('may have a slash at its end, as any path', async () => {
    const { api } = await create()
    const [, request] = post(ada)
    expect((await api.request('/events/', request)).status).toBe(202)
    expect((await api.request('/healthz/')).status).toBe(200)
  })

  test('answers 503 with Retry-After while the store cannot write', async () => {
    const { api } = await create({ append: refuse })
    const response = await api.request(...post(ada))
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('5')
    expect(response.headers.get('Content-Type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ status: 503, code: 'store_unavailable' })
  })

  test('answers 503 when the store takes too long, and says that a repeat is safe', async () => {
    const { api, clock } = await create({ append: () => new Promise(() => {}) })
    const answered = api.request(...post(ada))
    await clock.advance('5s')
    const response = await answered
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      code: 'timeout',
      mend: expect.stringContaining('a repeat is recognised'),
    })
  })

  test('answers 503 once the engine stops', async () => {
    const { api, bus } = await create()
    bus.close()
    const response = await api.request(...post(ada))
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('5')
    expect(await response.json()).toMatchObject({ code: 'closed' })
  })
})

describe('GET', () => {
  test('answers 503 while the store cannot read, logs why, and tells no more than that', async () => {
    const { api, logger } = await create({ deliveries: () => Promise.reject(new Error('secret path /x')) })
    const response = await api.request('/deliveries')
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('secret path')
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { path: '/deliveries' } }])
  })
})

describe('/readyz', () => {
  test('is 503 until the dispatcher runs, and again while the store cannot write', async () => {
    let isWritable = true
    const { api, dispatcher } = await create({ probe: () => (isWritable ? Promise.resolve() : refuse()) })
    const ready = async () => {
      const response = await api.request('/readyz')
      const { code } = z.object({ code: z.string().default('ready') }).parse(await response.json())
      return [response.status, code]
    }
    expect(await ready()).toEqual([503, 'not_started'])
    dispatcher.start()
    expect(await ready()).toEqual([200, 'ready'])
    isWritable = false
    expect(await ready()).toEqual([503, 'store_unavailable'])
    expect((await api.request('/healthz')).status).toBe(200)
  })
})

test('with a token everything but the probes is closed, whatever the way it is spelt', async () => {
  const { api } = await create({}, 'a-token-of-callers')
  for (const path of [
    '/events',
    '/events/',
    '/events/x',
    '/deliveries',
    '/deliveries/',
    '/deliveries/1/retry',
    '/connectors',
    '/connectors/team/pause',
    '/connectors/team/backfill',
    '/users/ada',
    '/metrics',
    '/nowhere',
  ]) {
    for (const method of ['GET', 'POST', 'HEAD']) {
      expect((await api.request(path, { method })).status, `${method} ${path}`).toBe(401)
    }
  }
  const sent = await api.request('/deliveries', { headers: { Authorization: 'Bearer a-token-of-callers' } })
  expect(sent.status).toBe(200)
})
