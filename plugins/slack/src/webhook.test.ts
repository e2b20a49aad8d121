import nock from 'nock'
import { connectPlugin, sampleEvent, testRun } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import slack from './index.ts'
import { useNock } from './test-support.ts'

useNock()

const SECRET = 'XXXXXXXXXXXXXXXXXXXXXXXX'
const options = { webhook_url: `https://hooks.slack.com/services/T00000000/B00000000/${SECRET}` }
const hook = () => nock('https://hooks.slack.com').post(`/services/T00000000/B00000000/${SECRET}`)

const deliver = async (over: object = {}) => {
  const connector = await connectPlugin(slack, { ...options, ...over })
  return connector.postUserRegistration?.(sampleEvent(), testRun())
}

describe('with a webhook', () => {
  test('a delivery sends exactly what its preview shows, and neither channel nor metadata', async () => {
    const sent: unknown[] = []
    nock('https://hooks.slack.com', { reqheaders: { 'content-type': /^application\/json/ } })
      .post(/./, (body) => sent.push(body) > 0)
      .reply(200, 'ok')
    const connector = await connectPlugin(slack, options)
    const event = sampleEvent({ user: { name: 'Ada & <!channel>' } })
    const preview = await connector.preview?.(event, testRun())
    expect(preview?.title).toBe('the post to the webhook')
    const told: unknown[] = []
    const run = testRun({ sending: (body) => told.push(body) })
    expect(await connector.postUserRegistration?.(event, run)).toEqual({
      kind: 'delivered',
      detail: 'webhook',
    })
    expect(told).toEqual([preview?.body])
    expect(sent).toEqual([JSON.parse(preview?.body ?? '')])
    expect(Object.keys(sent[0] ?? {}).toSorted()).toEqual([
      'blocks',
      'link_names',
      'parse',
      'text',
      'unfurl_links',
      'unfurl_media',
    ])
  })

  test.each([
    [400, 'invalid_payload', 'rejected', 'invalid_payload'],
    [400, 'invalid_blocks', 'rejected', 'invalid_blocks'],
    [400, 'a_new_word', 'rejected', 'a_new_word'],
    [403, 'action_prohibited', 'misconfigured', 'action_prohibited'],
    [404, 'no_service', 'misconfigured', 'no_service'],
    [404, 'channel_not_found', 'misconfigured', 'channel_not_found'],
    [410, 'channel_is_archived', 'misconfigured', 'channel_is_archived'],
    [500, 'rollup_error', 'unknown', 'rollup_error'],
    [503, '<html>busy</html>', 'retry', 'http_503'],
    [405, 'proxy', 'misconfigured', 'http_405'],
    [200, '<html>log in</html>', 'unknown', 'answer_unreadable'],
    [200, '', 'unknown', 'answer_unreadable'],
  ])('HTTP %s with %j is %s (%s)', async (status, text, kind, code) => {
    hook().reply(status, text)
    expect(await deliver()).toMatchObject({ kind, code })
  })

  test.each([
    ['7', 7_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 60_000],
    [undefined, 60_000],
  ])('429 with Retry-After %j waits %s ms', async (told, after) => {
    hook().reply(429, 'rate_limited', told === undefined ? {} : { 'Retry-After': told })
    const bucket = expect.stringMatching(/^workspace /)
    expect(await deliver()).toMatchObject({ kind: 'throttled', after, bucket })
  })

  test.each([
    ['ECONNREFUSED', 'retry'],
    ['ECONNRESET', 'unknown'],
    ['CERT_HAS_EXPIRED', 'misconfigured'],
  ])('a connection that fails with %s is %s', async (code, kind) => {
    hook().replyWithError(Object.assign(new Error(`connect to ${SECRET}`), { code }))
    expect(await deliver()).toMatchObject({ kind, code })
  })

  test('a redirect is not followed, and the address is in no error', async () => {
    hook().reply(302, '', { Location: 'https://elsewhere.example/' })
    const outcome = await deliver()
    expect(outcome).toMatchObject({ kind: 'misconfigured', code: 'unexpected_redirect' })
    hook().replyWithError(new Error(`cannot reach ${options.webhook_url}`))
    const lost = await deliver()
    expect(
      JSON.stringify([outcome, lost, String(lost), lost instanceof Error ? lost.cause : '']),
    ).not.toContain(SECRET)
  })

  test('a check proves that the webhook is there without a message', async () => {
    const connector = await connectPlugin(slack, options)
    const findings = async () =>
      (await connector.check?.(testRun()))?.map(({ state, what }) => `${state}: ${what}`)
    nock('https://hooks.slack.com').post(/./, '{}').reply(400, 'no_text')
    expect(await findings()).toEqual([
      'proved: the webhook is there',
      'unproved: which channel the webhook posts to: only a message would show',
      'unproved: whether a message whose answer is lost arrived: a webhook cannot look, a token can',
    ])
    nock('https://hooks.slack.com').post(/./, '{}').reply(404, 'no_service')
    expect(await findings()).toEqual(['failed: Slack refused an empty post to the webhook: no_service'])
  })

  test('many go as one message, and its own rate is kept', async () => {
    hook().reply(200, 'ok')
    const { postUserRegistrationBatch, limits } = await connectPlugin(slack, options)
    const items = ['Ada', 'Bob'].map((name) => ({ ...testRun(), event: sampleEvent({ user: { name } }) }))
    expect(await postUserRegistrationBatch?.(items, testRun())).toEqual(
      Array(2).fill({ kind: 'delivered', detail: 'webhook with 2 sign-ups in one message' }),
    )
    expect(limits).toHaveLength(2)
    expect(JSON.stringify(limits)).not.toContain(SECRET)
  })

  test('alerts go where the webhook leads', async () => {
    const sent: unknown[] = []
    nock('https://hooks.slack.com')
      .post(/./, (body) => sent.push(body) > 0)
      .reply(200, 'ok')
    const connector = await connectPlugin(slack, options)
    await connector.notify?.({ title: 'crm is parked', text: 'crm is parked', faults: [] }, testRun())
    expect(sent).toMatchObject([{ text: 'crm is parked' }])
    expect(sent[0]).not.toHaveProperty('channel')
  })
})
