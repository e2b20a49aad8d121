import nock from 'nock'
import { connectPlugin, testRun } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import slack from './index.ts'
import { useNock } from './test-support.ts'

useNock()

const check = async (channel = 'C0123456789', over: object = {}) => {
  const connector = await connectPlugin(slack, { token: 'xoxb-1-secret', channel, ...over })
  const findings = await connector.check?.(testRun())
  return (findings ?? []).map(
    ({ state, what, mend }) => `${state}: ${what}${mend === undefined ? '' : ` → ${mend}`}`,
  )
}

const SCOPES = 'chat:write,channels:read,groups:read,channels:history'

const known = (scopes: string | undefined = SCOPES) =>
  nock('https://slack.com', { reqheaders: { authorization: 'Bearer xoxb-1-secret' } })
    .post('/api/auth.test')
    .reply(
      200,
      { ok: true, team: 'Acme', user: 'signups' },
      scopes === '' ? {} : { 'x-oauth-scopes': scopes },
    )

const historyIs = (answer: object) =>
  nock('https://slack.com').post('/api/conversations.history').reply(200, answer)

const channelIs = (answer: object, history: object = { ok: true, messages: [] }) => {
  nock('https://slack.com').post('/api/conversations.info', { channel: 'C0123456789' }).reply(200, answer)
  historyIs(history)
}

const listIs = (answer: object) =>
  nock('https://slack.com')
    .post('/api/conversations.list', { types: 'public_channel,private_channel', limit: '1000' })
    .reply(200, answer)

describe('check', () => {
  test('proves token, scope and channel', async () => {
    known()
    channelIs({ ok: true, channel: { id: 'C0123456789', name: 'news', is_member: true, is_archived: false } })
    expect(await check()).toEqual([
      "proved: the token is signups's in Acme",
      'proved: the token may post (scope chat:write)',
      'proved: the app is in #news (C0123456789)',
      'proved: the app can look whether a message whose answer is lost had arrived',
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

  test('says of a channel that comes from the event that it depends on it', async () => {
    known()
    expect((await check('#{{ user.tenant }}'))[2]).toMatch(/^unproved: the channel depends on the event/)
  })

  test.each<[string, object, RegExp]>([
    [
      'the scope is missing',
      { ok: false, error: 'missing_scope', needed: 'channels:history' },
      /^unproved: whether a message whose answer is lost had arrived: .*missing_scope → give the app the scope channels:history/,
    ],
    ['the app is not there', { ok: false, error: 'not_in_channel' }, /^unproved: .*not_in_channel → invite/],
    ['Slack is busy', { ok: false, error: 'ratelimited' }, /^unproved: .*Slack limits the rate/],
    ['nothing comes back', { ok: true }, /^unproved: .*has no messages/],
  ])('of lost answers, when %s', async (_what, history, expected) => {
    known()
    channelIs({ ok: true, channel: { is_member: true } }, history)
    expect((await check())[3]).toMatch(expected)
  })

  test('keeps nothing of the message that it reads', async () => {
    known()
    channelIs(
      { ok: true, channel: { is_member: true } },
      { ok: true, messages: [{ ts: '1.2', text: 'private' }] },
    )
    expect((await check()).join()).not.toContain('private')
  })

  describe('of a channel by its name', () => {
    const signups = { id: 'C0123456789', name: 'signups', is_member: true }

    test('finds it among the channels, and tells its ID', async () => {
      known()
      listIs({
        ok: true,
        channels: [{ id: 'C1', name: 'other' }],
        response_metadata: { next_cursor: 'more' },
      })
      nock('https://slack.com')
        .post('/api/conversations.list', (body) => body['cursor'] === 'more')
        .reply(200, { ok: true, channels: [signups] })
      expect((await check('#signups')).slice(2)).toEqual([
        'proved: the app is in #signups (C0123456789)',
        'unproved: whether a message whose answer is lost had arrived: a channel that is written as a name cannot always be looked into → write C0123456789 as `channel`',
      ])
    })

    test.each<[string, object, RegExp]>([
      ['that nobody has', { ok: true, channels: [] }, /no channel that the token sees has this name → write/],
      [
        'that may not be listed',
        { ok: false, error: 'missing_scope' },
        /needs the scope channels:read .* → write/,
      ],
      ['when the list fails', { ok: false, error: 'fatal_error' }, /conversations.list: fatal_error → write/],
      ['when there is no list', { ok: true }, /no channels in the answer → write/],
    ])('%s, cannot prove anything', async (_what, answer, expected) => {
      known()
      listIs(answer)
      const findings = await check('#signups')
      expect(findings[2]).toMatch(/^unproved: whether the app may post to #signups: /)
      expect(findings[2]).toMatch(expected)
    })

    test('that is archived, fails', async () => {
      known()
      listIs({ ok: true, channels: [{ ...signups, is_archived: true }] })
      expect((await check('#signups'))[2]).toMatch(/^failed: #signups .* is archived/)
    })
  })

  test('looks at the channel of alerts too, which holds no delivery back', async () => {
    known()
    channelIs({ ok: true, channel: { name: 'news', is_member: true } })
    nock('https://slack.com')
      .post('/api/conversations.info', { channel: 'C9876543210' })
      .reply(200, { ok: true, channel: { name: 'ops', is_member: false } })
    expect((await check('C0123456789', { alerts_channel: 'C9876543210' })).slice(4)).toEqual([
      'unproved: that alerts arrive: the app is not in #ops (C9876543210) → invite it there: /invite @app-name',
    ])
  })
})
