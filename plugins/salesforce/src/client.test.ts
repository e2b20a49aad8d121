import nock from 'nock'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { testRun, testServices } from '@onsignup/core/testing'
import { createMapping, requestFor } from './record.ts'
import {
  hook,
  item,
  options,
  ORG,
  saved,
  serve,
  serveOrg,
  signsIn,
  TOKEN,
  UPSERT,
  useNock,
} from './test-support.ts'
import { guardedTransport } from './transport.ts'

useNock()

const run = testRun()
const mapping = createMapping(options(), testServices().templates)
const REFUSED = [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]

const told = (outcome: unknown): string =>
  JSON.stringify(outcome, (_key, value: unknown) =>
    value instanceof Error ? { ...value, message: value.message, cause: value.cause } : value,
  )

describe('signing in', () => {
  test('happens once for calls at the same time, and once for calls one after the other', async () => {
    signsIn()
    nock(ORG)
      .patch(UPSERT)
      .times(6)
      .reply(200, [saved(1)])
    const { deliver } = hook()
    await Promise.all(Array.from({ length: 5 }, () => deliver([item()], run)))
    expect(await deliver([item()], run)).toMatchObject([{ kind: 'delivered' }])
  })

  test('goes on for the others when one caller has no time left', async () => {
    const go = Promise.withResolvers<void>()
    nock(ORG)
      .post('/services/oauth2/token')
      .reply(async () => {
        await go.promise
        return [200, TOKEN]
      })
    nock(ORG)
      .patch(UPSERT)
      .reply(200, [saved(1)])
    const { deliver } = hook()
    const impatient = new AbortController()
    const first = deliver([item()], testRun({ signal: impatient.signal }))
    const second = deliver([item()], run)
    await sleep(20)
    impatient.abort()
    expect(await first).toMatchObject([{ kind: 'retry', code: 'SF_NOT_SENT' }])
    go.resolve()
    expect(await second).toMatchObject([{ kind: 'delivered' }])
  })

  test('that failed is tried again by the next call', async () => {
    nock(ORG).post('/services/oauth2/token').reply(503, 'down')
    signsIn()
    nock(ORG)
      .patch(UPSERT)
      .reply(200, [saved(1)])
    const { deliver } = hook({ operation: 'upsert' })
    expect(await deliver([item()], run)).toMatchObject([{ kind: 'retry', code: 'HTTP_503' }])
    expect(await deliver([item()], run)).toMatchObject([{ kind: 'delivered' }])
  })

  test.each([
    [400, { error: 'invalid_client', error_description: 'invalid client credentials' }, 'misconfigured'],
    [
      400,
      { error: 'invalid_grant', error_description: 'no client credentials user enabled' },
      'misconfigured',
    ],
    [400, { error: 'invalid_grant', error_description: 'token request is already being processed' }, 'retry'],
    [200, { access_token: 'x' }, 'retry'],
    [200, { ...TOKEN, access_token: 'two\nlines' }, 'retry'],
    [200, { ...TOKEN, instance_url: 'http://acme.my.salesforce.com' }, 'misconfigured'],
    [200, { ...TOKEN, instance_url: 'nonsense' }, 'misconfigured'],
  ])('answered %s %j is %s', async (status, answer, kind) => {
    nock(ORG).post('/services/oauth2/token').reply(status, answer)
    const { deliver } = hook({ operation: 'create' })
    expect(await deliver([item()], run)).toMatchObject([{ kind }])
  })

  test('works without the id in the answer, on which jsforce itself throws', async () => {
    signsIn({ access_token: 'the-token', instance_url: ORG })
    nock(ORG)
      .patch(UPSERT)
      .reply(200, [saved(1)])
    expect(await hook().deliver([item()], run)).toMatchObject([{ kind: 'delivered' }])
  })

  test('never repeats the secret or the token when an answer echoes them', async () => {
    nock(ORG)
      .post('/services/oauth2/token')
      .reply(async (request: Request) => {
        return [400, { error: 'invalid_request', error_description: `got ${await request.text()}` }]
      })
    const refused = await hook().deliver([item()], run)
    signsIn()
    nock(ORG)
      .patch(UPSERT)
      .reply(({ headers }: Request) => {
        const sent = headers.get('authorization')
        return [400, [{ errorCode: 'BAD', message: `got ${sent}, so ${sent?.split(' ')[1]}` }]]
      })
    const echoed = await hook().deliver([item()], run)
    expect(told(refused)).toMatch(/got .*client_id=the-client-id/)
    expect(told(echoed)).toContain('BAD: got Bearer [secret]')
    expect(told([refused, echoed])).not.toMatch(/the-client-secret|the-token/)
  })
})

describe('a session', () => {
  test('that expired is renewed once for all, and each request repeated once', async () => {
    signsIn()
    nock(ORG, { reqheaders: { authorization: 'Bearer the-token' } })
      .patch(UPSERT)
      .times(50)
      .reply(401, REFUSED)
    signsIn({ ...TOKEN, access_token: 'token-2' })
    nock(ORG, { reqheaders: { authorization: 'Bearer token-2' } })
      .patch(UPSERT)
      .times(50)
      .reply(200, [saved(1)])
    const { deliver } = hook()
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => deliver([item()], run)))
    expect(outcomes).toMatchObject(Array.from({ length: 50 }, () => [{ kind: 'delivered' }]))
  })

  test('that was renewed meanwhile is taken by a request whose refusal comes late', async () => {
    let tokens = 0
    const late = Promise.withResolvers<void>()
    await using org = await serve((request, response) => {
      response.setHeader('content-type', 'application/json')
      if (request.url === '/services/oauth2/token') {
        tokens += 1
        const instance_url = `http://${request.headers.host}`
        return response.end(JSON.stringify({ ...TOKEN, instance_url, access_token: `token-${tokens}` }))
      }
      if (request.headers.authorization !== 'Bearer token-1') return response.end(JSON.stringify([saved(1)]))
      response.statusCode = 401
      const refuse = () => response.end(JSON.stringify(REFUSED))
      if (request.headers['content-length'] === body) return refuse()
      return void late.promise.then(refuse)
    })
    const short = item('a')
    const { deliver } = hook({ login_url: org.url })
    const body = String(Buffer.byteLength(requestFor(options(), [mapping(short.event).record]).body ?? ''))
    const slow = deliver([item('a-longer-one')], run)
    expect(await deliver([short], run)).toMatchObject([{ kind: 'delivered' }])
    late.resolve()
    expect(await slow).toMatchObject([{ kind: 'delivered' }])
    expect(tokens).toBe(2)
  })

  test('that is refused with another status than 401 is renewed too', async () => {
    signsIn()
    nock(ORG).patch(UPSERT).reply(403, REFUSED)
    signsIn()
    nock(ORG)
      .patch(UPSERT)
      .reply(200, [saved(1)])
    expect(await hook().deliver([item()], run)).toMatchObject([{ kind: 'delivered' }])
  })

  test('that is refused when fresh ends after two requests, where jsforce goes on for ever', async () => {
    let requests = 0
    await using org = await serveOrg((_request, response) => {
      requests += 1
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(REFUSED))
    })
    const { deliver } = hook({ login_url: org.url })
    const signal = AbortSignal.timeout(3_000)
    expect(await deliver([item()], testRun({ signal }))).toMatchObject([
      { kind: 'misconfigured', code: 'SF_SESSION_REJECTED' },
    ])
    expect(requests).toBe(2)
  })

  test('is not renewed twice within a minute', async () => {
    let now = 1_000_000
    let requests = 0
    await using org = await serveOrg((_request, response) => {
      requests += 1
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(REFUSED))
    })
    const clock = { now: () => now, after: () => () => {} }
    const { deliver } = hook({ login_url: org.url }, { clock })
    await deliver([item()], run)
    now += 59_000
    expect(await deliver([item()], run)).toMatchObject([
      { kind: 'misconfigured', code: 'SF_SESSION_REJECTED' },
    ])
    expect(requests).toBe(3)
    now += 2_000
    await deliver([item()], run)
    expect(requests).toBe(5)
  })
})

describe('an answer', () => {
  const outcomesOf = async (url: string, signal = AbortSignal.timeout(5_000)) => {
    const kinds: unknown[] = []
    for (const operation of ['upsert', 'create']) {
      const { deliver } = hook({ login_url: url, operation })
      const [outcome] = await deliver([item()], testRun({ signal }))
      kinds.push(outcome)
    }
    return kinds
  }

  test('that is cut in its body is a lost one, where jsforce ends the process', async () => {
    await using org = await serveOrg((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('[{"success":')
      setTimeout(() => response.destroy(), 20)
    })
    expect(await outcomesOf(org.url)).toMatchObject([{ kind: 'retry' }, { kind: 'unknown' }])
  })

  test('that stalls in its body ends with the attempt, where jsforce waits for ever', async () => {
    await using org = await serveOrg((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('[{"success":')
    })
    const { deliver } = hook({ login_url: org.url, operation: 'create' })
    const started = performance.now()
    const outcome = await deliver([item()], testRun({ signal: AbortSignal.timeout(300) }))
    expect(outcome).toMatchObject([{ kind: 'unknown', code: 'SF_NO_ANSWER' }])
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('that never begins ends with the attempt', async () => {
    await using org = await serveOrg(() => {})
    const { deliver } = hook({ login_url: org.url })
    const outcome = await deliver([item()], testRun({ signal: AbortSignal.timeout(300) }))
    expect(outcome).toMatchObject([{ kind: 'retry', code: 'SF_NO_ANSWER' }])
  })

  test('that is a reset connection is a lost one', async () => {
    await using org = await serveOrg((request) => request.socket.resetAndDestroy())
    expect(await outcomesOf(org.url)).toMatchObject([
      { kind: 'retry', code: 'ECONNRESET' },
      { kind: 'unknown', code: 'ECONNRESET' },
    ])
  })

  test('that is an error cut short is an error all the same', async () => {
    await using org = await serveOrg((_request, response) => {
      response.writeHead(503, { 'content-length': '1000', 'retry-after': '120' })
      response.write('<html>')
      setTimeout(() => response.destroy(), 20)
    })
    expect(await outcomesOf(org.url)).toMatchObject([
      { kind: 'retry', code: 'HTTP_503', after: 120_000 },
      { kind: 'retry', code: 'HTTP_503' },
    ])
  })

  test('that redirects is refused, and the other host never sees the token', async () => {
    const seen: (string | undefined)[] = []
    await using elsewhere = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end('<html>')
    })
    await using org = await serveOrg((_request, response) => {
      response.writeHead(302, { location: `${elsewhere.url}/?token=x` }).end()
    })
    const { deliver } = hook({ login_url: org.url })
    const [outcome] = await deliver([item()], run)
    expect(outcome).toMatchObject({ kind: 'misconfigured', code: 'SF_REDIRECTED' })
    expect(told(outcome)).toContain(elsewhere.url)
    expect(told(outcome)).not.toContain('token=x')
    expect(seen).toEqual([])
  })

  test('to the sign-in that redirects is refused, and the other host never sees the secret', async () => {
    const seen: unknown[] = []
    await using elsewhere = await serve((request, response) => {
      seen.push(request.url)
      response.end('{}')
    })
    await using org = await serve((_request, response) => {
      response.writeHead(307, { location: elsewhere.url }).end()
    })
    const { deliver } = hook({ login_url: org.url })
    expect(await deliver([item()], run)).toMatchObject([{ kind: 'misconfigured', code: 'SF_REDIRECTED' }])
    expect(seen).toEqual([])
  })

  test('is not waited for when nobody listens', async () => {
    const closed = await serve(() => {})
    await closed[Symbol.asyncDispose]()
    expect(await outcomesOf(closed.url)).toMatchObject([
      { kind: 'retry', code: 'ECONNREFUSED' },
      { kind: 'retry', code: 'ECONNREFUSED' },
    ])
  })

  test('of several errors tells them all', async () => {
    signsIn()
    nock(ORG)
      .patch(UPSERT)
      .reply(400, [
        { errorCode: 'A', message: 'one' },
        { errorCode: 'B', message: 'two' },
      ])
    expect(await hook().deliver([item()], run)).toMatchObject([
      { message: expect.stringContaining('A: one; B: two') },
    ])
  })

  test('that says 429 with a time is waited for', async () => {
    signsIn()
    nock(ORG).patch(UPSERT).reply(429, '', { 'retry-after': 'Fri, 02 Jan 2026 00:00:30 GMT' })
    const clock = { now: () => Date.parse('2026-01-02T00:00:00Z'), after: () => () => {} }
    expect(await hook({}, { clock }).deliver([item()], run)).toMatchObject([
      { kind: 'throttled', after: 30_000 },
    ])
  })
})

describe('the transport', () => {
  test('sends nothing to an origin that is neither login_url nor the instance', async () => {
    const transport = await guardedTransport({
      fetch: () => Promise.reject(new Error('was sent')),
      signal: new AbortController().signal,
      stage: 'request',
      origins: [ORG],
      redact: (text) => text,
      exchange: {},
    })
    const request = { method: 'POST', url: 'https://acme.my.salesforce.com.evil.com/' } as const
    await expect(transport.httpRequest(request)).rejects.toMatchObject({
      errors: [{ code: 'SF_FOREIGN_ORIGIN' }],
    })
  })
})

describe('a client', () => {
  test('sends nothing once the time is over', async () => {
    const { deliver } = hook({ operation: 'create' })
    const outcome = await deliver([item()], testRun({ signal: AbortSignal.abort() }))
    expect(outcome).toMatchObject([{ kind: 'retry', code: 'SF_NOT_SENT' }])
    await sleep(50)
  })

  test('that is closed ends the sign-in that it waits for', async () => {
    await using org = await serve(() => {})
    const { client, deliver } = hook({ login_url: org.url })
    const waiting = deliver([item()], run)
    await sleep(50)
    client.close()
    expect(await waiting).toMatchObject([{ kind: 'retry' }])
  })
})
