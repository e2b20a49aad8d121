import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { gzipSync } from 'node:zlib'
import { connectPlugin, recordingLogger, sampleEvent, testRun, testServices } from '@onsignup/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { cert, key } from '../test/localhost.ts'
import slack from './index.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** A far side that takes each request to its end before it misbehaves. */
const serve = async (answer: (response: ServerResponse) => void) => {
  const requests: string[] = []
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    request.resume().once('end', () => answer(response))
  }
  return { requests, origin: `http://127.0.0.1:${await listen(createServer(listener))}` }
}

const SECRET = 'very-secret'
const WAYS = {
  'the API': (origin: string) => ({
    token: `xoxb-1-${SECRET}`,
    channel: 'C0123456789',
    api_url: `${origin}/api/`,
  }),
  'a webhook': (origin: string) => ({ webhook_url: `${origin}/services/T0/B0/${SECRET}` }),
} as const

const everything = (error: unknown): string =>
  error instanceof Error
    ? [error.message, error.stack, JSON.stringify({ ...error }), everything(error.cause)].join('\n')
    : JSON.stringify(error)

describe.each(Object.entries(WAYS))('%s', (_way, optionsFor) => {
  const deliver = async (origin: string, signal = new AbortController().signal) => {
    const logger = recordingLogger()
    const connector = await connectPlugin(slack, optionsFor(origin), testServices({ logger }))
    const outcome = await connector.postUserRegistration?.(sampleEvent(), testRun({ signal, logger }))
    expect(everything(outcome) + JSON.stringify(logger.lines)).not.toMatch(/very-secret|Lovelace|<html/)
    return outcome
  }

  test.each<[string, (response: ServerResponse) => void, object]>([
    [
      'cuts its answer',
      (response) => {
        response.writeHead(200, { 'content-length': '500' })
        response.write('{"ok":true,', () => setImmediate(() => response.destroy()))
      },
      { kind: 'unknown', code: 'answer_unreadable' },
    ],
    ['cuts the connection', (response) => response.destroy(), { kind: 'unknown', code: 'UND_ERR_SOCKET' }],
    [
      'cuts within the headers',
      (response) => response.socket?.end('HTTP/1.1 200 OK\r\nContent-'),
      { kind: 'unknown', code: expect.stringMatching(/^(HPE|UND_ERR)_/) },
    ],
    [
      'speaks no HTTP',
      (response) => response.socket?.end('220 mail.example ESMTP\r\n'),
      { kind: 'unknown', code: 'no_answer' },
    ],
    [
      'says yes with a page',
      (response) => response.end('<html>Sign in</html>'),
      { kind: 'unknown', code: 'answer_unreadable' },
    ],
    ['says yes with nothing', (response) => response.end(), { kind: 'unknown', code: 'answer_unreadable' }],
    [
      'says yes with ten megabytes',
      (response) => response.end(`<html>${'x'.repeat(10_000_000)}`),
      { kind: 'unknown', code: 'answer_unreadable' },
    ],
    [
      'says yes with what is no gzip though it says so',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"ok":true}'),
      { kind: 'unknown', code: 'answer_unreadable' },
    ],
    [
      'says yes with ten megabytes, packed',
      (response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000, ' '))),
      { kind: 'unknown', code: 'answer_unreadable' },
    ],
    ['says 500', (response) => response.writeHead(500).end('<html>'), { kind: 'retry', code: 'http_500' }],
    ['says 503', (response) => response.writeHead(503).end('<html>'), { kind: 'retry', code: 'http_503' }],
    [
      'says 429',
      (response) => response.writeHead(429, { 'retry-after': '7' }).end('<html>'),
      { kind: 'throttled', code: 'ratelimited', after: 7_000 },
    ],
  ])('that %s was asked once', async (_what, answer, expected) => {
    const { origin, requests } = await serve(answer)
    expect(await deliver(origin)).toMatchObject(expected)
    expect(requests).toHaveLength(1)
  })

  test.each<[string, (response: ServerResponse) => void]>([
    ['says nothing', () => {}],
    [
      'stalls amid its answer',
      (response) => {
        response.writeHead(200, { 'content-length': '500' })
        response.write('{"ok":true,')
      },
    ],
  ])('that %s was asked once, and may have posted', async (_what, answer) => {
    const { origin, requests } = await serve(answer)
    const stop = new AbortController()
    const outcome = deliver(origin, stop.signal)
    await expect.poll(() => requests.length).toBe(1)
    stop.abort(new DOMException('the deadline passed', 'AbortError'))
    expect(await outcome).toMatchObject({ kind: 'unknown', code: 'no_answer' })
    expect(requests).toHaveLength(1)
  })

  test.each([301, 302, 303, 307, 308])('that redirects elsewhere with %i is not followed', async (status) => {
    const elsewhere = await serve((response) => response.end('ok'))
    const { origin } = await serve((response) =>
      response.writeHead(status, { location: `${elsewhere.origin}/services/T0/B0/x` }).end(),
    )
    expect(await deliver(origin)).toMatchObject({ kind: 'misconfigured', code: 'unexpected_redirect' })
    expect(elsewhere.requests).toEqual([])
  })

  test('whose certificate nobody trusts gets no request', async () => {
    const requests: unknown[] = []
    const server = createSecureServer({ cert, key }, (request, response) => {
      requests.push(request.url)
      response.end('ok')
    })
    const origin = `https://localhost:${await listen(server)}`
    expect(await deliver(origin)).toMatchObject({
      kind: 'misconfigured',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      mend: expect.stringContaining('certificate'),
    })
    expect(requests).toEqual([])
  })

  test('at which nobody listens was not reached', async () => {
    const { origin } = await serve(() => {})
    for (const close of closing.splice(0)) close()
    expect(await deliver(origin)).toMatchObject({ kind: 'retry', code: 'ECONNREFUSED' })
  })
})
