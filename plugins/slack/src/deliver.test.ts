import nock from 'nock'
import { connectPlugin, sampleEvent, testRun } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import slack from './index.ts'
import { digestMetadata, singleMetadata } from './marks.ts'
import { useNock } from './test-support.ts'

useNock()

const CHANNEL = 'C0123456789'
const event = sampleEvent()
const options = { token: 'xoxb-1-very-secret', channel: CHANNEL }

const form = z.record(z.string(), z.string())
const api = (method: string, seen: Record<string, string>[] = []) =>
  nock('https://slack.com').post(`/api/${method}`, (body) => seen.push(form.parse(body)) > 0)

const historyIs = (messages: readonly object[], seen: Record<string, string>[] = []) =>
  api('conversations.history', seen).reply(200, { ok: true, messages, has_more: false })
const historyFails = (error: string, more: object = {}) =>
  api('conversations.history').reply(200, { ok: false, error, ...more })
const postWorks = (seen: Record<string, string>[] = []) =>
  api('chat.postMessage', seen).reply(200, { ok: true, channel: CHANNEL, ts: '2.000002' })

const others = [
  { type: 'message', ts: '1.000009', text: 'good morning' },
  { ts: '1.000008', metadata: { event_type: 'task_created', event_payload: { marks: 7 } } },
  { ts: '1.000007', metadata: singleMetadata(event.id, 'key of another connector') },
  { ts: 7, metadata: null },
]
const ours = { ts: '1.000001', metadata: singleMetadata(event.id, 'key-1') }

const again = async (over: object = {}) => {
  const connector = await connectPlugin(slack, { ...options, ...over })
  return connector.postUserRegistration?.(event, testRun({ attempt: 1, afterUnknown: true }))
}

const SENT = `${CHANNEL} 2.000002`

describe('after a lost answer', () => {
  test('a message that is found in the channel is not sent again', async () => {
    historyIs([...others, ours])
    expect(await again()).toEqual({
      kind: 'delivered',
      detail: `${CHANNEL} 1.000001, found there: an earlier try had arrived, and nothing was sent again`,
    })
  })

  test('a message that is not there is sent', async () => {
    historyIs(others)
    postWorks()
    expect(await again()).toEqual({
      kind: 'delivered',
      detail: `${SENT}, sent again: an earlier try had not arrived`,
    })
  })

  test('the channel is looked into from the registration on, with metadata', async () => {
    const seen: Record<string, string>[] = []
    historyIs([ours], seen)
    await again()
    const oldest = String(Date.parse(event.receivedAt) / 1_000 - 300)
    expect(seen).toEqual([{ channel: CHANNEL, limit: '200', oldest, include_all_metadata: 'true' }])
  })

  test.each([
    [
      'missing_scope',
      { needed: 'channels:history' },
      'Slack refused conversations.history of C0123456789: missing_scope → give the app the scope channels:history (api.slack.com/apps, OAuth & Permissions) and install it again',
    ],
    ['not_in_channel', {}, 'not_in_channel → invite the app to the channel: /invite @app-name'],
    ['channel_not_found', {}, 'channel_not_found'],
    ['method_not_supported_for_channel_type', {}, 'method_not_supported_for_channel_type'],
  ])(
    'a history that Slack refuses with %s is no reason to hold the message back',
    async (error, more, told) => {
      historyFails(error, more)
      postWorks()
      const outcome = await again()
      expect(outcome).toMatchObject({
        kind: 'delivered',
        detail: expect.stringContaining(
          `${SENT}, sent again without knowing whether an earlier try had arrived: `,
        ),
      })
      expect(outcome).toHaveProperty('detail', expect.stringContaining(told))
    },
  )

  test('nor is an answer without messages, as of a server that knows posts only', async () => {
    api('conversations.history').reply(200, { ok: true })
    postWorks()
    expect(await again()).toHaveProperty('detail', expect.stringContaining('has no messages'))
  })

  test('a rate limit of the history makes this delivery alone wait, and nothing is sent', async () => {
    api('conversations.history').reply(429, '', { 'Retry-After': '7' })
    expect(await again()).toMatchObject({
      kind: 'throttled',
      after: 7_000,
      pause: false,
      bucket: undefined,
      message: expect.stringContaining('it is not known yet whether an earlier try arrived'),
    })
  })

  test.each([
    ['500', () => api('conversations.history').reply(500), 'http_500'],
    ['no connection', () => fails('ECONNREFUSED'), 'ECONNREFUSED'],
    ['a lost answer', () => fails('ECONNRESET'), 'ECONNRESET'],
    ['a page', () => api('conversations.history').reply(200, '<html>'), 'answer_unreadable'],
    ['an error that passes', () => historyFails('service_unavailable'), 'service_unavailable'],
  ])('a look that ends in %s is repeated later, and nothing is sent', async (_what, answer, code) => {
    answer()
    expect(await again()).toMatchObject({ kind: 'retry', code })
  })

  const fails = (code: string) =>
    api('conversations.history').replyWithError(Object.assign(new Error('broken'), { code }))

  test('a long history is read page by page, as far as five pages', async () => {
    const page = (next: string) =>
      api('conversations.history').reply(200, {
        ok: true,
        messages: others,
        response_metadata: { next_cursor: next },
      })
    page('one')
    historyIs([ours])
    expect(await again()).toHaveProperty('detail', expect.stringContaining('1.000001, found there'))
    for (const cursor of ['1', '2', '3', '4', '5']) page(cursor)
    postWorks()
    expect(await again()).toHaveProperty(
      'detail',
      `${SENT}, sent again without knowing whether an earlier try had arrived: it is not among the newest 1000 messages, and more were posted since`,
    )
  })

  test('an app that may read one page a minute reads one, and sends with the doubt that is left', async () => {
    api('conversations.history').reply(200, {
      ok: true,
      messages: others,
      response_metadata: { next_cursor: 'x' },
    })
    api('conversations.history').reply(429, '', { 'Retry-After': '60' })
    postWorks()
    expect(await again()).toHaveProperty(
      'detail',
      expect.stringContaining('without knowing whether an earlier try had arrived: Slack limits the rate'),
    )
  })

  test('a refused token is no history, and the post says so', async () => {
    historyFails('token_revoked')
    api('chat.postMessage').reply(200, { ok: false, error: 'token_revoked' })
    expect(await again()).toMatchObject({ kind: 'misconfigured', code: 'token_revoked' })
  })

  test('a channel that is known by its name is looked into once a post told its ID', async () => {
    const connector = await connectPlugin(slack, { ...options, channel: '#signups' })
    const retried = () => connector.postUserRegistration?.(event, testRun({ afterUnknown: true }))
    postWorks()
    expect(await retried()).toHaveProperty('detail', expect.stringContaining('write the ID as `channel`'))
    historyIs([ours])
    expect(await retried()).toHaveProperty('detail', expect.stringContaining('1.000001, found there'))
  })

  test('a webhook can only post again, and says so', async () => {
    nock('https://hooks.slack.com').post(/./).reply(200, 'ok')
    const connector = await connectPlugin(slack, { webhook_url: 'https://hooks.slack.com/services/T0/B0/x' })
    expect(await connector.postUserRegistration?.(event, testRun({ afterUnknown: true }))).toHaveProperty(
      'detail',
      'webhook, sent again without knowing whether an earlier try had arrived: a webhook cannot see what is in its channel',
    )
  })
})

test('a post whose answer is lost is not looked for at once, since Slack may still store it', async () => {
  api('chat.postMessage').replyWithError(Object.assign(new Error('broken'), { code: 'ECONNRESET' }))
  const connector = await connectPlugin(slack, options)
  expect(await connector.postUserRegistration?.(event, testRun())).toMatchObject({
    kind: 'unknown',
    after: 3_000,
  })
})

describe('many after lost answers', () => {
  const items = (...lost: readonly boolean[]) =>
    lost.map((afterUnknown, index) => ({
      ...testRun({ afterUnknown, idempotencyKey: `key-${index}` }),
      event: sampleEvent({ user: { name: `user ${index}` } }),
    }))
  const together = async (...lost: readonly boolean[]) => {
    const connector = await connectPlugin(slack, options)
    return connector.postUserRegistrationBatch?.(items(...lost), testRun())
  }

  test('are looked for together, in digests too; what is there is not sent, and all else is one message', async () => {
    const seen: Record<string, string>[] = []
    historyIs([...others, { ts: '1.000003', metadata: digestMetadata(['key-8', 'key-0', 'key-9']) }])
    postWorks(seen)
    expect(await together(true, true, false)).toEqual([
      {
        kind: 'delivered',
        detail: `${CHANNEL} 1.000003, found there: an earlier try had arrived, and nothing was sent again`,
      },
      {
        kind: 'delivered',
        detail: `${SENT} with 2 sign-ups in one message, sent again: an earlier try had not arrived`,
      },
      { kind: 'delivered', detail: `${SENT} with 2 sign-ups in one message` },
    ])
    expect(seen[0]?.['text']).toMatch(/^2 new sign-ups\n• New sign-up: user 1 .*\n• New sign-up: user 2 /)
  })

  test('that are all there send nothing, and tell of nothing sent', async () => {
    historyIs([{ ts: '1.000003', metadata: digestMetadata(['key-0', 'key-1']) }])
    const connector = await connectPlugin(slack, options)
    const told: unknown[] = []
    const telling = items(true, true).map((item) => ({
      ...item,
      sending: (body: unknown) => told.push(body),
    }))
    expect(await connector.postUserRegistrationBatch?.(telling, testRun())).toMatchObject([
      { kind: 'delivered' },
      { kind: 'delivered' },
    ])
    expect(told).toEqual([])
  })

  test('wait for the history while the others are sent', async () => {
    api('conversations.history').reply(429, '', { 'Retry-After': '7' })
    postWorks()
    expect(await together(true, false)).toMatchObject([
      { kind: 'throttled', after: 7_000, pause: false },
      { kind: 'delivered', detail: SENT },
    ])
  })

  test('may be in a digest that is too large to name them, and are sent with that doubt', async () => {
    historyIs([
      { ts: '1.000003', metadata: digestMetadata(Array.from({ length: 701 }, (_, n) => `key-${n}`)) },
    ])
    postWorks()
    expect(await together(true, false)).toMatchObject([
      { detail: expect.stringContaining('a message that does not name its sign-ups') },
      { kind: 'delivered' },
    ])
  })
})
