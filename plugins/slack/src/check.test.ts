import nock from 'nock'
import { connectPlugin, testRun } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import slack from './index.ts'
import { useNock } from './test-support.ts'

useNock()

const check = async (channel = 'C0123456789') => {
  const connector = await connectPlugin(slack, { token: 'xoxb-1-secret', channel })
  const findings = await connector.check?.(testRun())
  return (findings ?? []).map(
    ({ state, what, mend }) => `${state}: ${what}${mend === undefined ? '' : ` → ${mend}`}`,
  )
}

const SCOPES = 'chat:write,channels:read,groups:read'

const known = (scopes: string | undefined = SCOPES) =>
  nock('https://slack.com', { reqheaders: { authorization: 'Bearer xoxb-1-secret' } })
    .post('/api/auth.test')
    .reply(
      200,
      { ok: true, team: 'Acme', user: 'signups' },
      scopes === '' ? {} : { 'x-oauth-scopes': scopes },
    )

const channelIs = (answer: object) =>
  nock('https://slack.com').post('/api/conversations.info', { channel: 'C0123456789' }).reply(200, answer)

describe('check', () => {
  test('proves token, scope and channel', async () => {
    known()
    channelIs({ ok: true, channel: { id: 'C0123456789', name: 'news', is_member: true, is_archived: false } })
    expect(await check()).toEqual([
      "proved: the token is signups's in Acme",
      'proved: the token may post (scope chat:write)',
      'proved: the app is in #news (C0123456789)',
    ])
  })

  test.each([
    ['invalid_auth', /^failed: Slack refused auth.test: invalid_auth → install the app/],
    ['ratelimited', /^unproved: Slack limits the rate of auth.test/],
  ])('stops at a token that Slack answers with %s', async (error, expected) => {
    nock('https://slack.com').post('/api/auth.test').reply(200, { ok: false, error })
    expect(await check()).toEqual([expect.stringMatching(expected)])
  })

  test('fails when Slack cannot be reached', async () => {
    const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
    nock('https://slack.com').post('/api/auth.test').replyWithError(refused)
    expect(await check()).toEqual([
      expect.stringMatching(/^failed: Slack could not be reached for auth.test/),
    ])
  })

  test('names the scope that is missing', async () => {
    known('channels:read')
    channelIs({ ok: true, channel: { is_member: true } })
    expect((await check())[1]).toMatch(/^failed: .*chat:write is missing → give the app the scope chat:write/)
  })

  test('says when Slack tells no scopes', async () => {
    known('')
    channelIs({ ok: true, channel: { is_member: true } })
    expect((await check())[1]).toMatch(/^unproved: Slack does not say which scopes/)
  })

  test.each<[string, string, object, RegExp]>([
    ['is not joined', SCOPES, { is_member: false }, /^failed: the app is not in #news .* → invite it there/],
    [
      'is public and may be posted to',
      `${SCOPES},chat:write.public`,
      { is_member: false },
      /^proved: .*without being in/,
    ],
    [
      'is private and not joined',
      `${SCOPES},chat:write.public`,
      { is_member: false, is_private: true },
      /^failed: .*not in/,
    ],
    ['is archived', SCOPES, { is_member: true, is_archived: true }, /^failed: #news .* is archived/],
    ['is a direct message', SCOPES, { is_im: true }, /^proved/],
    ['says too little', SCOPES, {}, /^unproved: whether the app is in/],
  ])('of a channel that %s', async (_what, scopes, channel, expected) => {
    known(scopes)
    channelIs({ ok: true, channel: { name: 'news', ...channel } })
    expect((await check())[2]).toMatch(expected)
  })

  test.each<[string, string, object, RegExp]>([
    [
      'may not look',
      'chat:write',
      { error: 'missing_scope', needed: 'channels:read' },
      /^unproved: .*needs the scope channels:read/,
    ],
    [
      'finds nothing',
      SCOPES,
      { error: 'channel_not_found' },
      /^failed: Slack refused conversations.info: channel_not_found → write/,
    ],
    [
      'sees no private ones',
      'chat:write,channels:read',
      { error: 'channel_not_found' },
      /^unproved: .*groups:read/,
    ],
    ['gets no channel', SCOPES, { ok: true }, /^unproved: .*no channel in the answer/],
  ])('of a token that %s', async (_what, scopes, answer, expected) => {
    known(scopes)
    channelIs({ ok: false, ...answer })
    expect((await check())[2]).toMatch(expected)
  })

  test('says that a name cannot be looked up, nor a channel that comes from the event', async () => {
    known()
    expect((await check('#signups'))[2]).toMatch(
      /^unproved: whether the app may post to #signups.* → write the channel's ID/,
    )
    known()
    expect((await check('#{{ user.tenant }}'))[2]).toMatch(/^unproved: the channel depends on the event/)
  })
})
