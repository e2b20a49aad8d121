import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { deliverySchema, type Delivery } from '../support/http.ts'
import { ada, named } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { createWorld, type World } from '../support/world.ts'

const TOKEN = 'a-token-of-callers'
const NOBODY = '00000000-0000-4000-8000-000000000000'

let world: World
let url: string

beforeAll(async () => {
  world = await createWorld({ server: `, token: ${TOKEN}, host: 127.0.0.1` })
  url = (await world.start('--log-level', 'silent')).url
  // The one that is refused for good ends as dead.
  world.sandbox.smtp.misbehave({ kind: 'reject', recipient: 'refused@example.com' })
})

afterAll(() => world[Symbol.asyncDispose]())

const call = (path: string, { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {}) =>
  fetch(`${url}${path}`, { ...init, headers: { Authorization: `Bearer ${TOKEN}`, ...headers } })

const post = (body: string, headers: Record<string, string> = { 'Content-Type': 'application/json' }) =>
  call('/events', { method: 'POST', body, headers })

const problemSchema = z.strictObject({
  type: z.literal('about:blank'),
  status: z.int(),
  code: z.string().regex(/^[a-z_]+$/),
  title: z.string(),
  detail: z.string().optional(),
  mend: z.string().optional(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
})

const problemOf = async (response: Response) => {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  const problem = problemSchema.parse(await response.json())
  expect(problem.status).toBe(response.status)
  return problem
}

const published = z.strictObject({ id: z.uuid(), duplicate: z.boolean() })
const listed = z.strictObject({ deliveries: z.array(deliverySchema), after: z.int().nullable() })

const publish = async (registration: unknown) =>
  published.parse(await (await post(JSON.stringify(registration))).json())

const list = async (query: string) => listed.parse(await (await call(`/deliveries?${query}`)).json())

const settled = async (event: string): Promise<readonly Delivery[]> => {
  let deliveries: readonly Delivery[] = []
  await until(`${event} is settled`, async () => {
    deliveries = (await list(`event=${event}`)).deliveries
    return deliveries.every(({ state }) => ['delivered', 'dead', 'skipped'].includes(state))
  })
  return deliveries
}

describe('POST /events', () => {
  test('answers 202 with the id, and duplicate: true the second time', async () => {
    const response = await post(JSON.stringify(named('twice')))
    expect(response.status).toBe(202)
    expect(response.headers.get('Content-Type')).toBe('application/json')
    const { id, duplicate } = published.parse(await response.json())
    expect(duplicate).toBe(false)
    expect(await publish(named('twice'))).toEqual({ id, duplicate: true })
  })

  test('takes an envelope, and a type that ends in +json', async () => {
    const body = JSON.stringify({ id: 'evt_1', source: { provider: 'custom' }, user: { id: 'u1' } })
    expect((await post(body, { 'Content-Type': 'application/cloudevents+json; charset=utf-8' })).status).toBe(
      202,
    )
  })

  test.each([
    ['what is not JSON', '{"user":', 400, 'invalid_json', ['']],
    ['a list', '[]', 400, 'invalid', ['']],
    ['an event without a user', '{}', 400, 'invalid', ['user']],
    ['a user who has no name at all', '{"user":{}}', 400, 'invalid', ['user']],
    [
      'wrong types, each at its path',
      '{"user":{"email":1,"emailVerified":"yes"},"context":{"connection":{"name":[]}}}',
      400,
      'invalid',
      ['user.email', 'user.emailVerified', 'context.connection.name'],
    ],
  ])('refuses %s', async (_what, body, status, code, paths) => {
    const problem = await problemOf(await post(body))
    expect(problem).toMatchObject({ status, code })
    expect(problem.errors?.map(({ path }) => path)).toEqual(paths)
    expect(problem.errors?.every(({ message }) => message.length > 0)).toBe(true)
  })

  test('refuses an id that is that of another user', async () => {
    const event = (user: string) => ({ id: 'evt_shared', source: { provider: 'custom' }, user: { id: user } })
    await publish(event('one'))
    expect(await problemOf(await post(JSON.stringify(event('two'))))).toMatchObject({
      status: 409,
      code: 'conflict',
    })
  })

  test('refuses more than 256 KiB, told or streamed, and takes a little less', async () => {
    const sized = (bytes: number) => {
      const frame = JSON.stringify({ user: { id: `sized-${bytes}`, user_metadata: { filler: '' } } })
      return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`)
    }
    expect(await problemOf(await post(sized(256 * 1_024 + 1)))).toMatchObject({
      status: 413,
      code: 'too_large',
    })
    const streamed = await call('/events', {
      method: 'POST',
      body: new Blob([sized(300_000)]).stream(),
      headers: { 'Content-Type': 'application/json' },
      duplex: 'half',
    })
    expect(await problemOf(streamed)).toMatchObject({ status: 413, code: 'too_large' })
    expect((await post(sized(250_000))).status).toBe(202)
  })

  test('refuses what is too large without harm to the next request of the same connection', async () => {
    for (const bytes of [262_145, 1_000_000, 6_000_000]) {
      expect((await post('x'.repeat(bytes))).status).toBe(413)
      expect((await post(JSON.stringify(named(`after-${bytes}`)))).status).toBe(202)
    }
  })

  test('a client that goes away within its body leaves nothing, and harms nobody', async () => {
    const { hostname, port } = new URL(url)
    const body = JSON.stringify(named('cut'))
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    socket.write(
      `POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body.slice(0, -5)}`,
    )
    // It is answered after the half that came before it was read.
    await publish(named('beside-the-one-that-is-cut'))
    socket.destroy()
    await once(socket, 'close')
    const again = await publish(named('cut'))
    expect(again.duplicate).toBe(false)
  })

  test('takes an event whose address has a query', async () => {
    const response = await call('/events?from=a-form', {
      method: 'POST',
      body: JSON.stringify(named('with-a-query')),
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
    })
    expect(response.status).toBe(202)
  })

  test.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['text', 'text/plain'],
    ['a type that only begins like JSON', 'application/jsonish'],
  ])('refuses %s', async (_what, type) => {
    const problem = await problemOf(await post(JSON.stringify(ada), { 'Content-Type': type }))
    expect(problem).toMatchObject({ status: 415, code: 'not_json', mend: 'send application/json' })
    expect(problem.title).toContain(type)
  })

  test.each([
    ['none', ''],
    ['a wrong one', 'Bearer wrong'],
    ['the right one as Basic', `Basic ${TOKEN}`],
    ['more than the right one', `Bearer ${TOKEN}x`],
  ])('refuses the authorization: %s', async (_what, Authorization) => {
    for (const path of ['/events', '/deliveries/retry?state=dead']) {
      const response = await call(path, {
        method: 'POST',
        body: '{}',
        headers: { 'Content-Type': 'application/json', Authorization },
      })
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer')
      expect(await problemOf(response)).toMatchObject({ status: 401, code: 'unauthorized' })
    }
    expect((await call(`/events/${NOBODY}`, { headers: { Authorization } })).status).toBe(401)
    expect((await call('/deliveries', { headers: { Authorization } })).status).toBe(401)
  })

  test('takes the word Bearer in any case', async () => {
    expect((await call('/deliveries', { headers: { Authorization: `bearer ${TOKEN}` } })).status).toBe(200)
  })
})

describe('GET /events/{id}', () => {
  test('shows the event as connectors get it, and its deliveries with every attempt', async () => {
    const { id } = await publish(named('shown'))
    await settled(id)
    const shown = z
      .strictObject({ event: z.looseObject({ id: z.uuid() }), deliveries: z.array(deliverySchema) })
      .parse(await (await call(`/events/${id}`)).json())
    expect(shown.event).toMatchObject({
      id,
      type: 'user.registered',
      specversion: '1',
      user: { email: 'shown@example.com', phone: null, emailVerified: true },
      context: { connection: { name: 'Username-Password-Authentication' }, webtask: {} },
    })
    expect(
      shown.deliveries.map(({ connector, state, next_attempt_at, attempts }) => [
        connector,
        state,
        next_attempt_at,
        attempts.length,
      ]),
    ).toEqual([
      ['team-slack', 'delivered', null, 1],
      ['crm', 'delivered', null, 1],
      ['welcome', 'delivered', null, 1],
    ])
  })

  test.each([NOBODY, 'nonsense', '%00'])('answers 404 for %s', async (id) => {
    expect(await problemOf(await call(`/events/${id}`))).toMatchObject({ status: 404, code: 'not_found' })
  })
})

describe('GET /deliveries', () => {
  test('filters by state, connector and user, and pages from the newest to the oldest', async () => {
    for (const name of ['one', 'two', 'three']) await settled((await publish(named(`page-${name}`))).id)
    const ofUser = await list('user=page-two@example.com')
    expect(ofUser.deliveries.map(({ user }) => user)).toEqual(
      Array(3).fill({ id: 'auth0|page-two', email: 'page-two@example.com' }),
    )
    expect((await list('user=auth0|page-two')).deliveries).toEqual(ofUser.deliveries)
    expect((await list('user=nobody@example.com')).deliveries).toEqual([])

    const one = await list('connector=crm&state=delivered&limit=2')
    expect(one.deliveries.map(({ user }) => user.id)).toEqual(['auth0|page-three', 'auth0|page-two'])
    const two = await list(`connector=crm&state=delivered&limit=2&after=${one.after}`)
    expect(two.deliveries[0]?.user.id).toBe('auth0|page-one')

    const all: number[] = []
    let after: number | null = null
    do {
      const page = await list(`limit=4${after === null ? '' : `&after=${after}`}`)
      all.push(...page.deliveries.map(({ id }) => id))
      after = page.after
    } while (after !== null)
    expect(all).toEqual([...new Set(all)].toSorted((a, b) => b - a))
    expect(all.length).toBe((await list('limit=200')).deliveries.length)
  })

  test.each([
    ['state=nonsense', 'state'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=many', 'limit'],
    ['after=-1', 'after'],
    ['conector=crm', ''],
  ])('refuses the query %s', async (query, path) => {
    const problem = await problemOf(await call(`/deliveries?${query}`))
    expect(problem).toMatchObject({ status: 400, code: 'invalid_query', errors: [{ path }] })
  })
})

describe('POST /deliveries/{id}/retry', () => {
  const retry = (id: number | string, query = '') =>
    call(`/deliveries/${id}/retry${query}`, { method: 'POST' })
  const one = async (registration: unknown, connector: string): Promise<Delivery> => {
    const deliveries = await settled((await publish(registration)).id)
    const found = deliveries.find((delivery) => delivery.connector === connector)
    if (found === undefined) throw new Error(`no delivery of ${connector}`)
    return found
  }

  test('puts a dead one back, which keeps its history', async () => {
    const dead = await one(named('refused'), 'welcome')
    expect(dead).toMatchObject({ state: 'dead', reason: expect.stringContaining('User unknown') })
    const response = await retry(dead.id)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ retried: 1 })
    const [again] = (await settled(dead.event)).filter(({ id }) => id === dead.id)
    expect(again?.attempts.map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected'])
  })

  test('sends what was delivered once more only with again=true', async () => {
    const done = await one(named('again'), 'team-slack')
    expect(await problemOf(await retry(done.id))).toMatchObject({
      status: 409,
      code: 'delivered',
      mend: expect.stringContaining('again=true'),
    })
    expect(await (await retry(done.id, '?again=true')).json()).toEqual({ retried: 1 })
    await settled(done.event)
    const { messages } = world.sandbox.slack
    expect(messages.filter(({ args }) => String(args['metadata']).includes(done.event))).toHaveLength(2)
  })

  test('answers 409 while it runs, and while it waits to be tried again', async () => {
    const { slack } = world.sandbox
    const deliveryOf = async (event: string) =>
      (await list(`event=${event}&connector=team-slack`)).deliveries[0]
    const hang = slack.misbehave({ kind: 'hang', path: 'chat.postMessage', times: 1 })
    const running = await publish(named('running'))
    await until('it runs', async () => (await deliveryOf(running.id))?.state === 'running')
    expect(await problemOf(await retry((await deliveryOf(running.id))?.id ?? 0))).toMatchObject({
      status: 409,
      code: 'running',
    })
    hang.stop()
    slack.misbehave({ kind: 'rate-limit', retryAfter: 3_600, times: 1 })
    const waiting = await publish(named('waiting'))
    await until('it waits', async () => (await deliveryOf(waiting.id))?.state === 'waiting')
    const delivery = await deliveryOf(waiting.id)
    expect(Date.parse(delivery?.next_attempt_at ?? '')).toBeGreaterThan(Date.now() + 3_500_000)
    expect(await problemOf(await retry(delivery?.id ?? 0))).toMatchObject({ status: 409, code: 'open' })
  })

  test.each(['999999', '0', 'x'])('answers 404 for %s', async (id) => {
    expect(await problemOf(await retry(id))).toMatchObject({ status: 404, code: 'missing' })
  })
})

describe('POST /deliveries/retry', () => {
  const retryAll = (query: string) => call(`/deliveries/retry?${query}`, { method: 'POST' })

  test('puts all of a state and a connector back, and says how many', async () => {
    const { deliveries } = await list('state=dead&connector=welcome')
    expect(deliveries.length).toBeGreaterThan(0)
    expect(await (await retryAll('state=dead&connector=welcome')).json()).toEqual({
      retried: deliveries.length,
    })
    expect(await (await retryAll('state=unknown')).json()).toEqual({ retried: 0 })
    for (const { event } of deliveries) {
      await until(
        'they are dead again',
        async () => (await list(`event=${event}&state=dead`)).deliveries.length === 1,
      )
    }
  })

  test.each(['', 'state=delivered', 'state=dead&conector=crm'])('refuses the query "%s"', async (query) => {
    expect(await problemOf(await retryAll(query))).toMatchObject({ status: 400, code: 'invalid_query' })
  })
})

describe('the rest', () => {
  test.each([
    ['/healthz', { status: 'live' }],
    ['/readyz', { status: 'ready' }],
  ])('GET %s needs no token', async (path, answer) => {
    const response = await fetch(`${url}${path}`)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual(answer)
  })

  test.each([
    ['GET', '/'],
    ['GET', '/nowhere'],
    ['PUT', '/events'],
    ['DELETE', `/events/${NOBODY}`],
  ])('%s %s is not there', async (method, path) => {
    expect(await problemOf(await call(path, { method }))).toMatchObject({
      status: 404,
      code: 'not_found',
      title: `there is no ${method} ${path}`,
    })
  })
})

describe('GET /metrics', () => {
  test('tells Prometheus what was done, without a word about a user', async () => {
    const response = await call('/metrics')
    expect(response.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    expect(text).toMatch(/^onsignup_events_accepted_total [1-9]/m)
    expect(text).toContain('onsignup_gate{connector="crm",gate="open"} 1')
    expect(text).not.toContain('@')
  })
})
