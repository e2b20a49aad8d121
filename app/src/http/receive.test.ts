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
import { SOURCES } from '@onsignup/sources'
import { describe, expect, test } from 'vitest'
import type { Body } from './body.ts'
import { createReceiver, type Receiver } from './receive.ts'

const TOKEN = 'the-token-of-the-stream'

/** The receivers of Auth0's source over a memory store of which any part may be replaced. */
const create = async (breaking: (store: Store) => Partial<Store> = () => ({})) => {
  const clock = createTestClock()
  const logger = recordingLogger()
  const memory = createMemoryStore()
  const store = { ...memory, ...breaking(memory) }
  const events = new EventHub(logger)
  const connectors = new ConnectorRegistry([], store)
  const redact = (text: string) => text
  const dispatcher = new Dispatcher({ store, connectors, events, clock, logger, random: () => 0, redact })
  const bus = new RegistrationBus({ store, connectors, dispatcher, events, clock })
  await store.open(clock.now())
  await connectors.open()
  const counted: Record<string, number> = {}
  const metrics = {
    received(path: string, result: string, more = 1) {
      if (more > 0) counted[`${path} ${result}`] = (counted[`${path} ${result}`] ?? 0) + more
    },
  }
  const endpoints = await SOURCES.auth0.connect({ token: TOKEN }, 'auth0')
  const receiverOf = (path: string): Receiver => {
    const endpoint = endpoints.find((one) => one.path === path)
    if (endpoint === undefined) throw new Error(`there is no ${path}`)
    return createReceiver(endpoint, { bus, store, logger, metrics, now: clock.now })
  }
  const [streams, point] = [receiverOf('/sources/auth0'), receiverOf('/auth0/post-user-registration')]
  return { streams, point, bus, store, clock, logger, counted }
}

const reading = (body: string | Uint8Array) => (into: Body) => {
  into.add(Buffer.from(body))
  return Promise.resolve()
}

const headers = (authorization: string | undefined, method = 'POST') => ({
  method,
  header: (name: string) => (name.toLowerCase() === 'authorization' ? authorization : undefined),
})

const send = async (
  receiver: Receiver,
  body: unknown,
  authorization: string | undefined = `Bearer ${TOKEN}`,
) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await receiver.receive(headers(authorization), reading(text))
  const parsed: unknown = JSON.parse(answer.body)
  return { ...answer, body: parsed }
}

const created = (id: string, user: object = {}) => ({
  specversion: '1.0',
  type: 'user.created',
  id: `evt_${id}`,
  a0tenant: 'acme',
  data: { object: { user_id: `auth0|${id}`, ...user } },
})

const record = (id: string, data: object = {}) => ({
  log_id: `log ${id}`,
  data: { type: 'ss', user_id: `auth0|${id}`, tenant_name: 'acme', ...data },
})

const deep = (levels: number): unknown => JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels))

describe('what a source sends', () => {
  test('is answered with the ids of its events, and as a duplicate the second time', async () => {
    const { streams, counted } = await create()
    const first = await send(streams, created('1'))
    expect(first).toMatchObject({
      status: 202,
      body: { events: [{ duplicate: false }], ignored: 0, refused: 0 },
    })
    expect(await send(streams, created('1'))).toMatchObject({
      status: 202,
      body: { events: [{ duplicate: true }] },
    })
    expect(counted).toEqual({ '/sources/auth0 accepted': 1, '/sources/auth0 duplicate': 1 })
  })

  test('of another type is answered with 200 and counted as ignored', async () => {
    const { streams, counted } = await create()
    const answer = await send(streams, { ...created('1'), type: 'user.updated' })
    expect(answer).toMatchObject({ status: 200, body: { events: [], ignored: 1 } })
    expect(counted).toEqual({ '/sources/auth0 ignored': 1 })
  })

  test('is one registration for one user, whichever way it comes first', async () => {
    const ways = [
      (id: string) => ['streams', created(id)] as const,
      (id: string) => ['streams', record(id)] as const,
      (id: string) =>
        ['streams', { tenant: { id: 'acme' }, user: { user_id: `auth0|${id}` }, connection: {} }] as const,
      (id: string) => ['point', { user: { id, tenant: 'acme' }, context: { connection: {} } }] as const,
    ]
    for (const first of ways) {
      for (const second of ways) {
        const { counted, ...receivers } = await create()
        for (const way of [first, second]) {
          const [through, body] = way('7')
          await send(receivers[through], body)
        }
        const all = Object.entries(counted)
        const count = (result: string) =>
          all.reduce((sum, [name, value]) => sum + (name.endsWith(result) ? value : 0), 0)
        expect([count('accepted'), count('duplicate')]).toEqual([1, 1])
      }
    }
  })
})

describe('a batch', () => {
  test('loses nothing by a record that is refused, which is logged by its id and without its data', async () => {
    const { streams, logger } = await create()
    const nobody = record('2', { user_id: null, ip: '192.0.2.9' })
    const answer = await send(streams, [record('1'), nobody, record('3')])
    expect(answer).toMatchObject({ status: 202, body: { events: [{}, {}], refused: 1 } })
    expect(logger.lines).toMatchObject([
      { level: 'error', fields: { eventId: 'log 2', path: '/sources/auth0' } },
    ])
    expect(JSON.stringify(logger.lines)).not.toContain('192.0.2.9')
  })

  test('of which nothing can be read is answered with 200, since Auth0 would send it for ever', async () => {
    const { streams } = await create()
    expect(await send(streams, [record('1', { user_id: null })])).toMatchObject({
      status: 200,
      body: { refused: 1 },
    })
  })

  test('may be empty', async () => {
    const { streams } = await create()
    expect(await send(streams, '[]')).toMatchObject({ status: 200, body: { events: [], refused: 0 } })
  })

  test('is answered with 503 when one of it could not be stored, and is safe to send again', async () => {
    let left = 1
    const { streams } = await create((memory) => ({
      append: (accepts) =>
        left-- > 0 ? memory.append(accepts) : Promise.reject(new OnSignupError('store_unavailable', 'full')),
    }))
    expect(await send(streams, [record('1'), record('2')])).toMatchObject({ status: 503 })
    left = 9
    expect(await send(streams, [record('1'), record('2')])).toMatchObject({
      status: 202,
      body: { events: [{ duplicate: true }, { duplicate: false }] },
    })
  })
})

describe('what no registration comes of', () => {
  test.each([
    ['nobody', { ...created('1'), data: {} }, 'data.object has no user_id'],
    ['nothing that is known', { hello: 'world' }, 'it is no event'],
    ['what publish refuses', created('1', { user_id: 'x'.repeat(2_000) }), 'user.id'],
  ])('is kept, and answered with 200: %s', async (_what, body, why) => {
    const { streams, store, clock } = await create()
    expect(await send(streams, body)).toMatchObject({ status: 200, body: { events: [], refused: 1 } })
    const [kept] = await store.listRefused({ limit: 9 })
    expect(kept).toMatchObject({
      path: '/sources/auth0',
      at: clock.now(),
      eventId: 'id' in body ? 'evt_1' : null,
      why: expect.stringContaining(why),
    })
    expect(JSON.parse(kept?.payload ?? '')).toEqual(body)
  })

  test('is kept without what its names call secret, however deep', async () => {
    const { streams, store } = await create()
    const body = {
      password: 'hunter2',
      access_token: 'hunter2',
      client_secret: 'hunter2',
      email: 'a@x.example',
    }
    await send(streams, record('1', { user_id: null, user_name: null, details: { body: { form: [body] } } }))
    const nested = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
    await send(
      streams,
      JSON.stringify(created('1', { user_id: null, more: 'nested' })).replace('"nested"', nested),
    )
    const kept = await store.listRefused({ limit: 9 })
    expect(kept).toHaveLength(2)
    expect(JSON.stringify(kept)).not.toContain('hunter2')
    expect(JSON.stringify(kept)).toContain('a@x.example')
  })

  test('is a line that is not JSON too', async () => {
    const { streams, store } = await create()
    const answer = await send(streams, `${JSON.stringify(record('1'))}\n{"log_id":`)
    expect(answer).toMatchObject({ status: 202, body: { events: [{}], refused: 1 } })
    expect(await store.listRefused({ limit: 9 })).toMatchObject([{ payload: '"{\\"log_id\\":"' }])
  })

  test('is answered with 503 when it cannot be kept', async () => {
    const { streams } = await create(() => ({
      keepRefused: () => Promise.reject(new OnSignupError('store_unavailable', 'the disk is full')),
    }))
    expect(await send(streams, [record('1'), { hello: 'world' }])).toMatchObject({ status: 503 })
  })

  test('is nothing that is no JSON at all, which nobody could read again', async () => {
    const { streams, store } = await create()
    expect(await send(streams, '{"type":')).toMatchObject({ status: 400, body: { code: 'invalid_json' } })
    expect(await store.listRefused({ limit: 9 })).toEqual([])
  })

  test('is taken when it is tried again and can be read now, and else says why not', async () => {
    const { streams, counted } = await create()
    expect(await streams.again(JSON.stringify(created('1')))).toBeUndefined()
    await send(streams, created('1'))
    expect(counted).toEqual({ '/sources/auth0 duplicate': 1 })
    expect(await streams.again('{"hello":"world"}')).toContain('it is no event')
  })
})

describe('metadata that cannot be kept', () => {
  test.each([
    ['too deep', { deep: deep(65) }],
    ['too large', { large: 'x'.repeat(300_000) }],
  ])('as they are %s are left out, since their user has registered', async (_what, user_metadata) => {
    const { streams, logger } = await create()
    const answer = await send(streams, created('1', { user_metadata, app_metadata: { plan: 'full' } }))
    expect(answer).toMatchObject({ status: 202, body: { events: [{ duplicate: false }] } })
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { path: '/sources/auth0' } }])
  })

  test('do not save an event that is refused for something else', async () => {
    const { streams } = await create()
    const answer = await send(streams, created('1', { user_id: 'x'.repeat(2_000) }))
    expect(answer).toMatchObject({ status: 200, body: { events: [], refused: 1 } })
  })
})

test('a connection ends with an answer before which the body was not read: whoever shares it would be cut off', async () => {
  const { streams, point } = await create()
  for (const receiver of [streams, point]) {
    for (const head of [headers('Bearer wrong'), headers(`Bearer ${TOKEN}`, 'PUT')]) {
      const unread = () => Promise.reject(new Error('it was read'))
      expect(await receiver.receive(head, unread)).toMatchObject({ headers: { Connection: 'close' } })
    }
  }
  expect((await send(streams, '{}')).headers).not.toHaveProperty('Connection')
})

describe('a member of the wrong type', () => {
  const called = (user: object, context: object = {}) => ({
    user: { id: '1', tenant: 'acme', email: 'ada@example.com', ...user },
    context: { connection: { name: 'users' }, ...context },
  })

  test.each([
    ['a number for a phone', { phoneNumber: 431 }, {}],
    ['a text for a flag', { emailVerified: 'true' }, {}],
    ['a time that is none', { createdAt: 'yesterday' }, {}],
    ['what is no list', { identities: 'none' }, {}],
    ['a list with what is no identity', { identities: [{ provider: 5 }] }, {}],
    ['a number for a language', {}, { requestLanguage: 3 }],
    ['a number for the id of a connection', {}, { connection: { id: 5, name: 'users' } }],
    ['a text for a request, and more', { name: 1 }, { request: 'x', client: 5 }],
  ])('is left out, since its user has registered: %s', async (_what, user, context) => {
    const { point, counted, logger } = await create()
    const kept = { user_metadata: { plan: 'full' } }
    const answer = await send(point, called({ ...user, ...kept }, context))
    expect(answer).toMatchObject({ status: 200, body: { status: 'success' } })
    expect(counted).toEqual({ '/auth0/post-user-registration accepted': 1 })
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { code: 'invalid' } }])
  })

  test('is not left out where it says who the user is', async () => {
    const { point, counted } = await create()
    await send(point, called({ tenant: 5 }))
    await send(point, called({ id: 'x'.repeat(2_000) }))
    expect(counted).toEqual({ '/auth0/post-user-registration refused': 2 })
  })
})

describe('a fault of ours', () => {
  const FULL = () => Promise.reject(new OnSignupError('store_unavailable', 'the disk is full'))

  test('is a 503 with Retry-After: the store cannot write', async () => {
    const { streams, point } = await create(() => ({ append: FULL }))
    for (const [receive, body] of [
      [streams, created('1')],
      [streams, [record('1')]],
      [point, { user: { id: '1' }, context: { connection: {} } }],
    ] as const) {
      const answer = await send(receive, body)
      expect(answer).toMatchObject({ status: 503, headers: { 'Retry-After': '5' } })
    }
  })

  test('is a 503: the store does not answer', async () => {
    const { streams, clock } = await create(() => ({ append: () => new Promise(() => {}) }))
    const answered = send(streams, created('1'))
    // Once for the body, once for what is read in it.
    await Promise.resolve()
    await clock.advance('5s')
    expect(await answered).toMatchObject({ status: 503, body: { code: 'timeout' } })
  })

  test('is a 503: the engine stops', async () => {
    const { streams, bus } = await create()
    bus.close()
    expect(await send(streams, created('1'))).toMatchObject({ status: 503, body: { code: 'closed' } })
  })

  test('is a 503 that tells nothing: something that nobody foresaw', async () => {
    const { streams, logger } = await create(() => ({
      append: () => Promise.reject(new Error('secret path /x')),
    }))
    const answer = await send(streams, created('1'))
    expect(answer.status).toBe(503)
    expect(JSON.stringify(answer)).not.toContain('secret path')
    expect(logger.lines.every(({ level }) => level === 'error')).toBe(true)
  })
})

describe('wrong credentials', () => {
  test('are turned away before the body is read', async () => {
    const { streams } = await create()
    let isRead = false
    const answer = await streams.receive(headers('Bearer wrong'), () => {
      isRead = true
      return Promise.resolve()
    })
    expect([answer.status, isRead]).toEqual([401, false])
    expect(answer.headers).toMatchObject({
      'Content-Type': 'application/problem+json',
      'WWW-Authenticate': 'Bearer',
    })
  })

  test('are counted each time, and logged once a minute, never as they are', async () => {
    const { streams, logger, counted, clock } = await create()
    for (let times = 0; times < 3; times += 1) await send(streams, created('1'), 'Bearer hunter2')
    expect(logger.lines).toHaveLength(1)
    await clock.advance('1m')
    await send(streams, created('1'), 'Bearer hunter2')
    expect(logger.lines).toHaveLength(2)
    expect(JSON.stringify(logger.lines)).not.toContain('hunter2')
    expect(counted).toEqual({ '/sources/auth0 denied': 4 })
  })
})

test('another method is told which one it takes', async () => {
  const { streams } = await create()
  const answer = await streams.receive(headers(`Bearer ${TOKEN}`, 'GET'), reading(''))
  expect(answer).toMatchObject({ status: 405, headers: { Allow: 'POST' } })
})

test('a body that is cut leaves nothing', async () => {
  const { streams, counted } = await create()
  const answer = await streams.receive(headers(`Bearer ${TOKEN}`), () => Promise.reject(new Error('reset')))
  expect([answer.status, counted]).toEqual([400, {}])
})
