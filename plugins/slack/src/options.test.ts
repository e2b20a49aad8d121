import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { options } from './options.ts'

const good = { token: 'xoxb-1-secret', channel: 'C0123456789' }

const problems = (input: object): readonly string[] =>
  (options.safeParse(input).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)

describe('the options', () => {
  test('need a token and a channel only, or a webhook', () => {
    expect(options.parse(good)).toEqual(good)
    const hook = { webhook_url: 'https://hooks.slack.com/services/T0/B0/x' }
    expect(options.parse(hook)).toEqual(hook)
  })

  test.each([
    ['nothing', {}, ['token: write the bot token, or a webhook_url', 'channel: write the channel']],
    ['a token alone', { token: 'xoxb-1' }, ['channel: write the channel']],
    [
      'a webhook beside a token',
      { ...good, webhook_url: 'https://hooks.slack.com/x' },
      ['token: leave token out', 'channel: leave channel out'],
    ],
    [
      'a webhook with a line break within',
      { webhook_url: 'https://hooks.slack.com/serv\nices/T0/B0/x' },
      ['webhook_url: an address is one line'],
    ],
    ['a webhook in clear text', { webhook_url: 'http://hooks.slack.com/x' }, ['webhook_url: write https']],
    [
      'a channel of alerts beside a webhook',
      { webhook_url: 'https://hooks.slack.com/x', alerts_channel: 'C0123456789' },
      ['alerts_channel: leave alerts_channel out'],
    ],
  ])('refuse %s', (_what, input, expected) => {
    const found = problems(input)
    expect(found).toHaveLength(expected.length)
    for (const [index, start] of expected.entries()) expect(found[index]).toMatch(new RegExp(`^${start}`))
  })

  test.each([
    ['a bot token', { token: 'xoxb-1-a' }],
    ['a user token', { token: 'xoxp-1-a' }],
    ['a rotating token', { token: 'xoxe.xoxb-1-a' }],
    ['a token with a line break at its end', { token: 'xoxb-1-a\n' }],
    ['any token for another address', { token: 'sandbox', api_url: 'http://127.0.0.1:4010/api' }],
    ['loopback by name', { api_url: 'http://localhost:4010/api/' }],
    ['loopback in IPv6', { api_url: 'http://[::1]:4010/api/' }],
    ['another https address', { api_url: 'https://slack-gov.com/api/' }],
    ['a name', { channel: '#signups' }],
    ['a template for a channel', { channel: '{{ user.app_metadata.channel }}' }],
    ['blocks', { blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x' }, expand: true }] }],
    ['no blocks', { blocks: [] }],
  ])('take %s', (_what, over) => {
    expect(problems({ ...good, ...over })).toEqual([])
  })

  test.each([
    ['no token', { token: ' ' }, 'token: write the bot token'],
    ['a token of two lines', { token: 'xoxb-1\nxoxb-2' }, 'token: a token is one line without spaces'],
    ['a header', { token: 'Bearer xoxb-1' }, 'token: a token is one line without spaces'],
    [
      'an app-level token',
      { token: 'xapp-1-a' },
      'token: this is an app-level token: write the Bot User OAuth Token',
    ],
    ['a webhook address', { token: 'https://hooks.slack.com/x' }, 'token: this is an address'],
    ['any other word', { token: 'hunter2' }, 'token: this is no bot token'],
    ['a comment for a channel', { channel: null }, 'channel: quote a name: in YAML # begins a comment'],
    ['a bare name', { channel: 'signups' }, 'channel: write an ID as C0123456789, or a name in quotes'],
    ['an empty text', { text: '' }, 'text: leave `text` out for the default'],
    ['a block without a type', { blocks: [{ text: 'x' }] }, 'blocks.0.type: '],
    ['51 blocks', { blocks: Array(51).fill({ type: 'divider' }) }, 'blocks: Slack takes at most 50 blocks'],
    ['http elsewhere', { api_url: 'http://slack.com/api/' }, 'api_url: write https'],
    [
      'http to a look-alike of loopback',
      { api_url: 'http://127.0.0.1.evil.example/' },
      'api_url: write https',
    ],
    ['no address', { api_url: 'slack.com/api' }, 'api_url: write an address'],
    ['another scheme', { api_url: 'ftp://slack.com/api' }, 'api_url: write an address'],
    [
      'a password in the address',
      { api_url: 'https://u:p@slack.com/api/' },
      'api_url: leave user and password out',
    ],
    ['a query', { api_url: 'https://slack.com/api/?x=1' }, 'api_url: leave out what follows the path'],
    ['an option of another day', { webhook: 'https://hooks.slack.com/x' }, ': Unrecognized key: "webhook"'],
  ])('refuse %s', (_what, over, expected) => {
    expect(problems({ ...good, ...over }).join('\n')).toContain(expected)
  })

  test('never repeat a token in a problem', () => {
    const found = options.safeParse({ ...good, token: 'xapp-1-very-secret' }).error
    expect(JSON.stringify(found)).not.toContain('very-secret')
    expect(found?.message).toContain('app-level')
  })

  test('are described one by one, with secrets and templates marked', () => {
    const { properties } = z.toJSONSchema(options, { io: 'input' })
    expect(Object.keys(properties ?? {})).toEqual([
      'webhook_url',
      'token',
      'channel',
      'alerts_channel',
      'text',
      'blocks',
      'api_url',
    ])
    for (const option of Object.values(properties ?? {})) expect(option).toHaveProperty('description')
    expect(properties).toMatchObject({
      webhook_url: { writeOnly: true },
      token: { writeOnly: true },
      channel: { template: true },
      text: { template: true },
      blocks: { template: true },
    })
  })
})
