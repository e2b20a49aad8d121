import nock from 'nock'
import { Failure, type FailureKind } from '@onsignup/core'
import { connectPlugin, recordingLogger, sampleEvent, testRun, testServices } from '@onsignup/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { PLATFORM } from './errors.ts'
import slack from './index.ts'
import { useNock } from './test-support.ts'

const TOKEN = 'xoxb-1-very-secret'
useNock()

const logger = recordingLogger()

const post = async (channel = 'C0123456789') => {
  const connector = await connectPlugin(slack, { token: TOKEN, channel }, testServices({ logger }))
  const outcome = await connector.postUserRegistration?.(sampleEvent(), testRun())
  if (!Failure.is(outcome)) throw new Error('it was delivered')
  return outcome
}

const api = () => nock('https://slack.com').post('/api/chat.postMessage')
const refusing = (error: string, more: object = {}) => api().reply(200, { ok: false, error, ...more })

const everything = (error: unknown): string => {
  if (!(error instanceof Error)) return ''
  return [error.message, error.stack ?? '', JSON.stringify({ ...error }), everything(error.cause)].join('\n')
}

afterEach(() => {
  expect(JSON.stringify(logger.lines)).not.toMatch(/very-secret|user1@foo\.com|Lovelace/)
})

describe("Slack's own codes", () => {
  test.each([...PLATFORM.keys(), 'a_code_of_tomorrow'])(
    'are told with the call and the mend: %s',
    async (code) => {
      refusing(code)
      const { kind, code: told, message, mend = '' } = await post()
      const isLimit = kind === 'throttled'
      expect(told).toBe(isLimit ? 'ratelimited' : code)
      expect(message).toContain(`chat.postMessage to C0123456789${isLimit ? '' : `: ${code}`}`)
      expect(mend).toMatch(kind === 'misconfigured' || kind === 'rejected' ? /\w+ \w+/ : /^/)
    },
  )

  test('name the scope that is missing', async () => {
    refusing('missing_scope', { needed: 'chat:write', provided: 'users:read' })
    expect((await post()).mend).toContain('the scope chat:write')
  })

  test('tell to invite the app', async () => {
    refusing('not_in_channel')
    expect((await post()).mend).toContain('/invite')
  })

  test('of a channel that comes from the event reject that event alone', async () => {
    refusing('channel_not_found')
    expect(await post('{{ user.user_metadata.room | default: "#nowhere" }}')).toMatchObject({
      kind: 'rejected',
    })
  })

  test("keep Slack's pointer to what is wrong", async () => {
    const messages = ['[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]']
    refusing('invalid_blocks', { response_metadata: { messages } })
    expect((await post()).message).toContain(messages[0])
  })

  test('of the rate limit tell the time to wait', async () => {
    api().reply(200, { ok: false, error: 'ratelimited' }, { 'retry-after': '7' })
    expect(await post()).toMatchObject({ kind: 'throttled', after: 7_000 })
    refusing('ratelimited')
    expect(await post()).toMatchObject({ kind: 'throttled', after: 30_000 })
  })

  test('of a used-up allowance wait an hour', async () => {
    refusing('message_limit_exceeded')
    expect(await post()).toMatchObject({ kind: 'retry', after: 3_600_000 })
  })
})

const page = `<html><title>Sign in</title>${TOKEN}${'x'.repeat(5_000)}</html>`

describe('HTTP answers', () => {
  test.each<[string, number, string | object, Record<string, string>, object]>([
    [
      '429 with seconds',
      429,
      'x',
      { 'retry-after': '30' },
      { kind: 'throttled', code: 'ratelimited', after: 30_000 },
    ],
    ['429 with 0 seconds', 429, 'x', { 'retry-after': '0' }, { kind: 'throttled', after: 1_000 }],
    ['429 without a time', 429, 'x', {}, { kind: 'throttled', after: 60_000 }],
    [
      '429 with a date',
      429,
      'x',
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' },
      { kind: 'throttled', after: 60_000 },
    ],
    ['500', 500, page, {}, { kind: 'retry', code: 'http_500' }],
    ['502', 502, page, {}, { kind: 'retry', code: 'http_502' }],
    [
      '503',
      503,
      { ok: false, error: 'service_unavailable' },
      {},
      { kind: 'retry', code: 'service_unavailable' },
    ],
    [
      '500 that may have succeeded',
      500,
      { ok: false, error: 'fatal_error' },
      {},
      { kind: 'unknown', code: 'fatal_error' },
    ],
    ['504', 504, '', {}, { kind: 'retry', code: 'http_504' }],
    ['408', 408, '', {}, { kind: 'retry', code: 'http_408' }],
    ['403 of a proxy', 403, page, {}, { kind: 'misconfigured', code: 'http_403' }],
    ['404 of a wrong address', 404, page, {}, { kind: 'misconfigured', code: 'http_404' }],
    ['204', 204, '', {}, { kind: 'retry', code: 'http_204' }],
    ['200 with a page', 200, page, {}, { kind: 'unknown', code: 'answer_unreadable' }],
    ['200 with nothing', 200, '', {}, { kind: 'unknown', code: 'answer_unreadable' }],
    ['200 with null', 200, 'null', {}, { kind: 'unknown', code: 'answer_unreadable' }],
    ['200 with a list', 200, '[]', {}, { kind: 'unknown', code: 'answer_unreadable' }],
    ['200 with half an answer', 200, '{"ok":tr', {}, { kind: 'unknown', code: 'answer_unreadable' }],
  ])('of %s', async (_what, status, body, headers, expected) => {
    api().reply(status, body, headers)
    const failure = await post()
    expect(failure).toMatchObject(expected)
    expect(everything(failure)).not.toMatch(/<html|very-secret|xxxxx/)
  })
})

describe('connections that fail', () => {
  test.each<[string, FailureKind]>([
    ['ECONNREFUSED', 'retry'],
    ['ENOTFOUND', 'retry'],
    ['EAI_AGAIN', 'retry'],
    ['EHOSTUNREACH', 'retry'],
    ['UND_ERR_CONNECT_TIMEOUT', 'retry'],
    ['ECONNRESET', 'unknown'],
    ['EPIPE', 'unknown'],
    ['UND_ERR_SOCKET', 'unknown'],
    ['UND_ERR_HEADERS_TIMEOUT', 'unknown'],
    ['UND_ERR_BODY_TIMEOUT', 'unknown'],
    ['HPE_INVALID_CONSTANT', 'unknown'],
    ['CERT_HAS_EXPIRED', 'misconfigured'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'misconfigured'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'misconfigured'],
  ])('with %s mean %s', async (code, kind) => {
    api().replyWithError(Object.assign(new Error(`broken Bearer ${TOKEN}`), { code }))
    const failure = await post()
    expect(failure).toMatchObject({ kind, code })
    expect(failure.cause).toBeInstanceOf(Error)
    expect(everything(failure)).toContain('broken')
    expect(everything(failure)).not.toContain('very-secret')
  })

  test('with a certificate of another name mean misconfigured', async () => {
    // nock can break a connection only after undici holds certificates for checked.
    const cause = Object.assign(new Error('altnames'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause }))
    const connector = await connectPlugin(
      slack,
      { token: TOKEN, channel: 'C0123456789' },
      testServices({ fetch }),
    )
    expect(await connector.postUserRegistration?.(sampleEvent(), testRun())).toMatchObject({
      kind: 'misconfigured',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })
})
