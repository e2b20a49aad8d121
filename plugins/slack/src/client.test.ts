import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { Failure } from '@onsignup/core'
import { connectPlugin, recordingLogger, sampleEvent, testRun, testServices } from '@onsignup/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { createCall } from './client.ts'
import slack from './index.ts'
import { createSlackRedact } from './redact.ts'

const TOKEN = 'xoxb-1-very-secret'
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}/api`
}

const connect = (apiUrl: string, logger = recordingLogger()) =>
  connectPlugin(slack, { token: TOKEN, channel: 'C0123456789', api_url: apiUrl }, testServices({ logger }))

const post = async (apiUrl: string, signal = new AbortController().signal) => {
  const connector = await connect(apiUrl)
  return connector.postUserRegistration?.(sampleEvent(), testRun({ signal }))
}

const ANSWER = JSON.stringify({ ok: true, channel: 'C0123456789', ts: '1.000001' })

describe('a request', () => {
  test.each(['', '/'])('goes to the method under the address, written with "%s" at its end', async (end) => {
    const urls: unknown[] = []
    const url = await serve((request, response) => {
      urls.push(`${request.method} ${request.url}`)
      response.end(ANSWER)
    })
    expect(await post(url + end)).toEqual({ kind: 'delivered', detail: 'C0123456789 1.000001' })
    expect(urls).toEqual(['POST /api/chat.postMessage'])
  })

  test('carries its own token when two connectors share a program', async () => {
    const seen: unknown[] = []
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end(ANSWER)
    })
    const { fetch, logger } = testServices()
    for (const token of ['first', 'second', 'first']) {
      await createCall({ token, redact: createSlackRedact(token), apiUrl: url, fetch, logger })(
        'auth.test',
        {},
        testRun().signal,
      )
    }
    expect(seen).toEqual(['Bearer first', 'Bearer second', 'Bearer first'])
  })

  test('stays at the address even for a method that is one', async () => {
    const urls: unknown[] = []
    const url = await serve((request, response) => {
      urls.push(request.url)
      response.end(ANSWER)
    })
    const { fetch, logger } = testServices()
    const call = createCall({ token: TOKEN, redact: createSlackRedact(TOKEN), apiUrl: url, fetch, logger })
    await call('http://evil.example/', {}, testRun().signal)
    expect(urls).toEqual(['/api/http://evil.example/'])
  })
})

test('a request that was stopped before it left is tried again', async () => {
  let requests = 0
  const url = await serve(() => (requests += 1))
  const reason = new Error(`stopped with ${TOKEN}`)
  const outcome = await post(url, AbortSignal.abort(reason))
  expect(outcome).toMatchObject({ kind: 'retry', code: 'not_sent' })
  expect(requests).toBe(0)
  expect(Failure.is(outcome) && JSON.stringify(outcome.cause, ['message'])).not.toContain('very-secret')
})

test('a server that speaks no TLS is a mistake of the address', async () => {
  const url = await serve((_request, response) => response.end(ANSWER))
  const outcome = await post(url.replace('http:', 'https:'))
  expect(outcome).toMatchObject({ kind: 'misconfigured', code: expect.stringMatching(/^(ERR_SSL_|EPROTO)/) })
})

test('stopping one of many requests stops that one alone', async () => {
  const waiting: (() => void)[] = []
  const url = await serve((request, response) => {
    request.resume()
    waiting.push(() => response.end(ANSWER))
  })
  const connector = await connect(url)
  const stops = Array.from({ length: 120 }, () => new AbortController())
  const outcomes = stops.map(({ signal }) =>
    connector.postUserRegistration?.(sampleEvent(), testRun({ signal })),
  )
  await expect.poll(() => waiting.length).toBe(120)
  stops.filter((_stop, index) => index % 3 === 0).forEach((stop) => stop.abort(new Error('deadline')))
  const stopped = await Promise.all(outcomes.filter((_outcome, index) => index % 3 === 0))
  for (const outcome of stopped) expect(outcome).toMatchObject({ kind: 'unknown', code: 'no_answer' })
  for (const answer of waiting) answer()
  const others = await Promise.all(outcomes.filter((_outcome, index) => index % 3 !== 0))
  for (const outcome of others) expect(outcome).toMatchObject({ kind: 'delivered' })
})

test('a message leaves nothing personal and no secret in the log', async () => {
  const logger = recordingLogger()
  const url = await serve((_request, response) =>
    response.end(ANSWER.replace('}', ',"warning":"w","response_metadata":{"warnings":["w"]}}')),
  )
  const connector = await connect(url, logger)
  await connector.postUserRegistration?.(sampleEvent(), testRun())
  expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual(['warn @slack/web-api: w'])
  expect(JSON.stringify(logger.lines)).not.toMatch(/very-secret|user1|Ada/)
})
