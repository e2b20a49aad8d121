import nock from 'nock'
import {
  connectPlugin,
  pluginCases,
  recordingLogger,
  sampleEvent,
  testRun,
  testServices,
} from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import slack from './index.ts'
import { useNock } from './test-support.ts'

useNock()

const options = { token: 'xoxb-1-very-secret', channel: '#signups' }

describe('the plugin', () => {
  for (const { name, run } of pluginCases(slack, { with: options })) test(name, run)
  for (const { name, run } of pluginCases(slack, {
    with: { ...options, text: '{{ user.name }}', blocks: [{ type: 'markdown', text: '{{ user.email }}' }] },
  })) {
    test(`with its own message: ${name}`, run)
  }
  const webhook = { webhook_url: 'https://hooks.slack.com/services/T0/B0/very-secret' }
  for (const { name, run } of pluginCases(slack, { with: webhook })) test(`with a webhook: ${name}`, run)
})

const posted = z.record(z.string(), z.string())

describe('a delivery', () => {
  test.each([
    ['by default', {}],
    ['with text', { text: '{{ user.email }} & co' }],
    ['with blocks', { blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '{{ user.name }}' } }] }],
  ])('%s sends, and tells before, exactly what its preview shows', async (_what, over) => {
    const told: unknown[] = []
    let sent: Record<string, string> = {}
    nock('https://slack.com', { reqheaders: { authorization: `Bearer ${options.token}` } })
      .post('/api/chat.postMessage', (body) => {
        sent = posted.parse(body)
        return true
      })
      .reply(200, { ok: true, channel: 'C0123456789', ts: '1767323045.000100' })
    const connector = await connectPlugin(slack, { ...options, ...over })
    const event = sampleEvent({ user: { name: 'Ada & <!channel> 😀' } })
    const preview = await connector.preview?.(event, testRun())
    expect(preview).toMatchObject({ title: 'chat.postMessage to #signups', contentType: 'application/json' })
    const run = testRun({ sending: (body) => told.push(body) })
    expect(await connector.postUserRegistration?.(event, run)).toEqual({
      kind: 'delivered',
      detail: 'C0123456789 1767323045.000100',
    })
    expect(told).toEqual([preview?.body])
    const shown = z.record(z.string(), z.unknown()).parse(JSON.parse(preview?.body ?? ''))
    // A form carries everything as text.
    const form = Object.entries(shown).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ])
    expect(sent).toEqual(Object.fromEntries(form))
  })

  test('counts as delivered when Slack says yes and nothing else', async () => {
    nock('https://slack.com').post('/api/chat.postMessage').reply(200, { ok: true })
    const connector = await connectPlugin(slack, options)
    expect(await connector.postUserRegistration?.(sampleEvent(), testRun())).toEqual({
      kind: 'delivered',
      detail: '#signups',
    })
  })
})

describe('connecting', () => {
  test.each([
    ['warns of a name', '#signups', 1],
    ['does not warn of an ID', 'C0123456789', 0],
    ['does not warn of a template', '#{{ user.tenant }}', 0],
  ])('%s', async (_what, channel, warnings) => {
    const logger = recordingLogger()
    await connectPlugin(slack, { ...options, channel }, testServices({ logger }))
    expect(logger.lines.map(({ level }) => level)).toEqual(Array(warnings).fill('warn'))
  })

  test('refuses a template that is wrong', async () => {
    await expect(connectPlugin(slack, { ...options, text: '{{ user.emial }}' })).rejects.toThrow(/emial/)
  })
})

test('repeats are harmful, and an attempt takes ten seconds at most', () => {
  expect(slack).toMatchObject({ repeats: 'harmful', defaults: { timeout: '10s' } })
})

const notice = {
  title: 'crm is parked',
  text: 'crm is parked: its deliveries wait.\n<!channel> *token* <https://evil.example|revoked>\u202E',
  faults: [],
}

describe('an alert', () => {
  test.each([
    ['to the channel of the messages', {}, '#signups'],
    [
      'to a channel of its own',
      { channel: '{{ user.tenant }}', alerts_channel: 'C0123456789' },
      'C0123456789',
    ],
  ])('goes %s, as plain text', async (_what, over, channel) => {
    let sent: Record<string, string> = {}
    nock('https://slack.com')
      .post('/api/chat.postMessage', (body) => {
        sent = posted.parse(body)
        return true
      })
      .reply(200, { ok: true })
    const connector = await connectPlugin(slack, { ...options, ...over })
    expect(await connector.notify?.(notice, testRun())).toMatchObject({ kind: 'delivered' })
    expect(sent).toMatchObject({ channel, text: 'crm is parked', parse: 'none', unfurl_links: 'false' })
    const escaped = '&lt;!channel&gt; *token* &lt;https://evil.example|revoked&gt;'
    expect(JSON.parse(sent['blocks'] ?? '')).toEqual([
      { type: 'header', text: { type: 'plain_text', text: 'crm is parked', emoji: false } },
      {
        type: 'section',
        text: {
          type: 'plain_text',
          text: `crm is parked: its deliveries wait.\n${escaped}`,
          emoji: false,
        },
      },
    ])
  })

  test('that Slack refuses is told so', async () => {
    nock('https://slack.com').post('/api/chat.postMessage').reply(200, { ok: false, error: 'is_archived' })
    const connector = await connectPlugin(slack, options)
    expect(await connector.notify?.(notice, testRun())).toMatchObject({ code: 'is_archived' })
  })

  test('is not taken while the channel depends on the event', async () => {
    const connector = await connectPlugin(slack, { ...options, channel: '{{ user.tenant }}' })
    expect(connector.notify).toBeUndefined()
  })
})

describe('many at once', () => {
  const items = (...names: readonly string[]) =>
    names.map((name) => ({ ...testRun(), event: sampleEvent({ user: { name } }) }))

  test('are one message, and each is a delivery of it', async () => {
    let sent: Record<string, string> = {}
    nock('https://slack.com')
      .post('/api/chat.postMessage', (body) => {
        sent = posted.parse(body)
        return true
      })
      .reply(200, { ok: true, channel: 'C0123456789', ts: '1.2' })
    const connector = await connectPlugin(slack, options)
    const outcomes = await connector.postUserRegistrationBatch?.(items('Ada', 'Bob', 'Eve'), testRun())
    expect(outcomes).toEqual(
      Array(3).fill({ kind: 'delivered', detail: 'C0123456789 1.2 with 3 sign-ups in one message' }),
    )
    expect(sent['text']).toMatch(/^3 new sign-ups\n• New sign-up: Ada /)
  })

  test('tell each of its own line, whoever else is in the message', async () => {
    const sent: Record<string, string>[] = []
    nock('https://slack.com')
      .post('/api/chat.postMessage', (body) => sent.push(posted.parse(body)) > 0)
      .times(2)
      .reply(200, { ok: true, channel: 'C0123456789', ts: '1.2' })
    const connector = await connectPlugin(slack, options)
    const told: unknown[] = []
    const sending = (body: unknown) => told.push(body)
    for (const names of [
      ['Ada', 'Bob'],
      ['Eve', 'Ada', 'Bob'],
    ]) {
      await connector.postUserRegistrationBatch?.(
        items(...names).map((item) => ({ ...item, sending })),
        testRun(),
      )
    }
    const [ada, bob, eve, ...again] = told
    expect(again).toEqual([ada, bob])
    expect(new Set([ada, bob, eve]).size).toBe(3)
    const { channel, text } = posted.parse(JSON.parse(String(ada)))
    expect(channel).toBe('#signups')
    for (const { text: all = '' } of sent) expect(all.split('\n')).toContain(text)
  })

  test("are everybody's failure, but a refusal is thrown, so that its cause is found", async () => {
    const connector = await connectPlugin(slack, options)
    const answer = (error: string) =>
      nock('https://slack.com').post('/api/chat.postMessage').reply(200, { ok: false, error })
    answer('not_in_channel')
    expect(await connector.postUserRegistrationBatch?.(items('Ada', 'Bob'), testRun())).toMatchObject([
      { kind: 'misconfigured', code: 'not_in_channel' },
      { kind: 'misconfigured', code: 'not_in_channel' },
    ])
    answer('invalid_blocks')
    await expect(connector.postUserRegistrationBatch?.(items('Ada', 'Bob'), testRun())).rejects.toMatchObject(
      {
        kind: 'rejected',
        code: 'invalid_blocks',
      },
    )
  })

  test('are no digest when the channel depends on the event', async () => {
    const connector = await connectPlugin(slack, {
      ...options,
      channel: "{% if user.tenant == 'acme' %}C0123456789{% else %}C9876543210{% endif %}",
    })
    expect(connector.postUserRegistrationBatch).toBeUndefined()
  })
})

describe("Slack's own limits", () => {
  const limitsOf = async (over: object, tenant = 'acme') => {
    const { limits = [] } = await connectPlugin(slack, { ...options, ...over })
    const event = sampleEvent({ user: { tenant } })
    return (typeof limits === 'function' ? limits(event) : limits).map(
      ({ bucket, rate, burst }) => `${bucket} ${rate} ${burst}`,
    )
  }
  const byTenant = "{% if user.tenant == 'acme' %}C0123456789{% else %}C9876543210{% endif %}"

  test('are one for the channel and one for the token, whatever connector they are of', async () => {
    const [channel, workspace] = await limitsOf({ channel: 'C0123456789' })
    expect(channel).toMatch(/^channel [0-9a-f]{16} C0123456789 1\/s 3$/)
    expect(workspace).toMatch(/^workspace [0-9a-f]{16} 200\/m 20$/)
    expect(await limitsOf({ channel: byTenant })).toEqual([channel, workspace])
    const [elsewhere, same] = await limitsOf({ channel: byTenant }, 'other')
    expect([elsewhere === channel, same === workspace]).toEqual([false, true])
    const [, ofAnother] = await limitsOf({ channel: 'C0123456789', token: 'xoxb-2' })
    expect(ofAnother).not.toBe(workspace)
  })

  test('hold every connector of a token when Slack says to wait', async () => {
    nock('https://slack.com').post('/api/chat.postMessage').reply(429, '', { 'Retry-After': '7' })
    const connector = await connectPlugin(slack, options)
    const { limits = [] } = connector
    const outcome = await connector.postUserRegistration?.(sampleEvent(), testRun())
    const names = typeof limits === 'function' ? [] : limits.map(({ bucket }) => bucket)
    expect(outcome).toMatchObject({ kind: 'throttled', after: 7_000, bucket: names[1] })
  })
})
