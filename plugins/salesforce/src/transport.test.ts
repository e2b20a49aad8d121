import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { testRun } from '@onsignup/core/testing'
import { cert, key } from '../test/localhost.ts'
import { hook, item, saved, serveOrg } from './test-support.ts'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

const JSON_TYPE = { 'content-type': 'application/json' }
const MEGABYTE = 1_048_576
const LOGIN_PAGE = '<html><title>Login | Salesforce</title><form action="/?un=x"></form></html>'

/** A right answer of so many megabytes; zipped, it is a thousandth of it. */
const large = (megabytes: number) =>
  Buffer.concat([Buffer.from(JSON.stringify([saved(1)])), Buffer.alloc(megabytes * MEGABYTE, ' ')])

const send =
  (status: number, headers: Record<string, string>, body: string | Buffer = ''): Answer =>
  (response) => {
    response.writeHead(status, headers).end(body)
  }

/** Sends the records of one registration; the outcome, and how many requests to write came. */
const attempt = async (answer: Answer, operation: 'upsert' | 'create', time = 5_000) => {
  let writes = 0
  await using org = await serveOrg((request, response) => {
    writes += 1
    request.resume().once('end', () => answer(response, request))
  })
  const { deliver } = hook({ login_url: org.url, operation })
  const [outcome] = await deliver([item()], testRun({ signal: AbortSignal.timeout(time) }))
  return { outcome, writes }
}

/** What comes, what it is to upsert and to create, with which code, and how long the attempt has. */
const CASES: readonly (readonly [string, Answer, string, string, string, number?])[] = [
  [
    'an answer that is cut before it begins',
    (response) => response.destroy(),
    'retry',
    'unknown',
    'UND_ERR_SOCKET',
  ],
  [
    'an answer that is cut in its body',
    (response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' })
      response.write('[{"success":', () => setTimeout(() => response.destroy(), 20))
    },
    'retry',
    'unknown',
    'UND_ERR_SOCKET',
  ],
  [
    'an answer that stalls in its body',
    (response) => {
      response.writeHead(200, JSON_TYPE)
      response.write('[{"success":')
    },
    'retry',
    'unknown',
    'SF_NO_ANSWER',
    300,
  ],
  ['no answer', () => {}, 'retry', 'unknown', 'SF_NO_ANSWER', 300],
  [
    'a page in place of an answer',
    send(200, { 'content-type': 'text/html' }, LOGIN_PAGE),
    'retry',
    'unknown',
    'SF_UNREADABLE_ANSWER',
  ],
  ['an empty answer', send(200, JSON_TYPE), 'retry', 'unknown', 'SF_UNREADABLE_ANSWER'],
  [
    'an answer of twenty megabytes',
    send(200, JSON_TYPE, large(20)),
    'retry',
    'unknown',
    'SF_UNREADABLE_ANSWER',
  ],
  [
    'a gzip bomb',
    send(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync(large(200))),
    'retry',
    'unknown',
    'SF_UNREADABLE_ANSWER',
  ],
  [
    'an error with a gzip bomb',
    send(503, { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync(large(200))),
    'retry',
    'retry',
    'HTTP_503',
  ],
  [
    'a body that is not what its encoding says',
    send(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }, 'not zipped'),
    'retry',
    'unknown',
    'Z_DATA_ERROR',
  ],
  [
    'a redirect to the login page',
    send(302, { location: '/?ec=302&startURL=%2Fservices' }),
    'misconfigured',
    'misconfigured',
    'SF_REDIRECTED',
  ],
  [
    'a redirect to another host',
    send(307, { location: 'https://evil.example/' }),
    'misconfigured',
    'misconfigured',
    'SF_REDIRECTED',
  ],
  ['a redirect to nowhere', send(301, {}), 'misconfigured', 'misconfigured', 'SF_REDIRECTED'],
]

describe('one registration is one request on the wire, and', () => {
  for (const [name, answer, upsert, create, code, time] of CASES) {
    test(`${name} is told for what it is`, async () => {
      expect(await attempt(answer, 'upsert', time)).toMatchObject({
        outcome: { kind: upsert, code },
        writes: 1,
      })
      expect(await attempt(answer, 'create', time)).toMatchObject({
        outcome: { kind: create, code },
        writes: 1,
      })
    })
  }

  test('an answer of ten megabytes is read, and one that is zipped', async () => {
    const result = JSON.stringify([saved(1)])
    const zipped = { ...JSON_TYPE, 'content-encoding': 'gzip' }
    for (const answer of [send(200, JSON_TYPE, large(10)), send(200, zipped, gzipSync(result))]) {
      expect(await attempt(answer, 'create')).toMatchObject({ outcome: { kind: 'delivered' }, writes: 1 })
    }
  })
})

test('a certificate that nobody vouches for parks the connector, before the secret is sent', async () => {
  const requests: unknown[] = []
  const server = createServer({ cert, key }, (request, response) => {
    requests.push(request.url)
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { deliver } = hook({ login_url: `https://localhost:${port}`, operation: 'create' })
  expect(await deliver([item()], testRun())).toMatchObject([
    {
      kind: 'misconfigured',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      mend: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    },
  ])
  expect(requests).toEqual([])
  server.close()
  server.closeAllConnections()
})
