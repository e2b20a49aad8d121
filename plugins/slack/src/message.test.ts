import { Failure } from '@onsignup/core'
import { sampleEvent, testServices } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { textLength } from './blocks.ts'
import { markOf } from './marks.ts'
import { compileMessage } from './message.ts'
import { options } from './options.ts'
import { formOf, problemsOf } from './test-support.ts'

const message = (over: object = {}, event = sampleEvent()) => {
  const given = options.parse({ token: 'xoxb-1', channel: 'C0123456789', ...over })
  const made = compileMessage(given, testServices())(event, 'key-1')
  expect(problemsOf('chat.postMessage', formOf(made))).toEqual([])
  return made
}

const nobody = {
  name: null,
  givenName: null,
  familyName: null,
  username: null,
  email: null,
  emailVerified: null,
  phone: null,
  phoneVerified: null,
  tenant: null,
}
const nowhere = { connection: { id: null, name: null, tenant: null } }

/** The values of the two columns, by label. */
const columns = (blocks: unknown): Record<string, string> => {
  const texts = [...JSON.stringify(blocks).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)].map(
    ([, text = '']) => text,
  )
  const labels = texts.flatMap((text, index) =>
    /^\*.*\*$/.test(text) ? [[text.slice(1, -1), texts[index + 1] ?? '']] : [],
  )
  return Object.fromEntries(labels)
}

describe('the default message', () => {
  test('shows name, e-mail, connection, tenant and time', () => {
    const { text, blocks } = message()
    expect(text).toBe('New sign-up: Ada Lovelace (user1@foo.com)')
    expect(blocks?.[0]).toEqual({
      type: 'header',
      text: { type: 'plain_text', text: 'Ada Lovelace signed up', emoji: false },
    })
    expect(columns(blocks)).toEqual({
      'E-mail': 'user1@foo.com (verified)',
      Connection: 'Username-Password-Authentication',
      Tenant: 'my-tenant',
      When: '<!date^1767323045^{date_short_pretty} at {time}|2026-01-02 03:04 UTC>',
    })
  })

  test('looks right for a user who has an e-mail only', () => {
    const { text, blocks } = message(
      {},
      sampleEvent({ user: { ...nobody, email: 'a@b.example' }, context: nowhere }),
    )
    expect(text).toBe('New sign-up: a@b.example')
    expect(blocks).toMatchObject([{ text: { text: 'New sign-up' } }, { type: 'section' }])
    expect(columns(blocks)).toEqual({ 'E-mail': 'a@b.example', When: expect.any(String) })
  })

  test.each([
    [true, ' (verified)'],
    [false, ' (not verified)'],
    [null, ''],
  ])('says of an e-mail whose verification is %s: "%s"', (emailVerified, suffix) => {
    expect(columns(message({}, sampleEvent({ user: { emailVerified } })).blocks)['E-mail']).toBe(
      `user1@foo.com${suffix}`,
    )
  })

  test.each([
    ['given and family name', { givenName: 'Ada', familyName: 'L' }, 'Ada L', {}],
    ['a username', { username: 'ada' }, 'ada', { Username: 'ada' }],
    ['a phone', { phone: '+43 1' }, '+43 1', { Phone: '+43 1' }],
    ['an id', { id: 'auth0|1' }, 'auth0|1', { 'User ID': 'auth0|1' }],
    ['an invisible name', { name: '\u200B\u3164', phone: '+43 1' }, '+43 1', { Phone: '+43 1' }],
  ])('makes do with %s', (_what, known, who, shown) => {
    const { text, blocks } = message({}, sampleEvent({ user: { ...nobody, ...known }, context: nowhere }))
    expect(text).toBe(`New sign-up: ${who}`)
    expect(columns(blocks)).toMatchObject(shown)
  })

  test("has no stranger's word in mrkdwn, and none that is live", () => {
    const evil = '<!channel> <https://evil|Reset> *b* \u202E:tada:\r\nx'
    const user = { ...nobody, id: evil, name: evil, email: evil, username: evil, phone: evil, tenant: evil }
    const { text, blocks } = message({}, sampleEvent({ user, context: { connection: { name: evil } } }))
    expect(text).not.toMatch(/[<>\r\n\u202E]/)
    const objects = (value: unknown): unknown[] =>
      typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(objects)] : []
    const texts = objects(blocks)
    const holdEvil = texts.filter(
      (object) =>
        JSON.stringify(object).includes('evil') && !Array.isArray(object) && 'text' in Object(object),
    )
    expect(holdEvil).not.toHaveLength(0)
    for (const object of holdEvil) expect(object).not.toMatchObject({ type: 'mrkdwn' })
    for (const object of texts) {
      expect(object).not.toMatchObject({ type: 'plain_text', text: expect.stringMatching(/[<>\r\n\u202E]/) })
    }
    expect(texts.filter((object) => 'emoji' in Object(object))).not.toHaveLength(0)
  })

  test("keeps to Slack's limits whatever comes in", () => {
    const huge = '&😀<'.repeat(10_000)
    const user = { ...nobody, id: huge, name: huge, email: huge, username: huge, phone: huge, tenant: huge }
    for (const name of [huge, null]) {
      const event = sampleEvent({ user: { ...user, name }, context: { connection: { name: huge } } })
      const { text, blocks } = message({}, event)
      expect(text.length).toBeLessThan(1_000)
      expect(textLength([...(blocks ?? [])])).toBeLessThan(13_200)
      expect(blocks?.[0]).toSatisfy((block: { text: { text: string } }) => block.text.text.length <= 150)
      expect(columns(blocks)).toHaveProperty('When')
    }
  })
})

describe('a message of your own', () => {
  test('is the text alone when no blocks are given', () => {
    const sent = message({ text: '*{{ user.email }}* signed up through {{ context.connection.name }}' })
    expect(sent.text).toBe('*user1@foo.com* signed up through Username-Password-Authentication')
    expect(sent).not.toHaveProperty('blocks')
  })

  test('has the default text for notifications when only blocks are given', () => {
    const sent = message({
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '{{ user.email }}' } }],
    })
    expect(sent.text).toBe('New sign-up: Ada Lovelace (user1@foo.com)')
    expect(sent.blocks).toHaveLength(1)
  })

  test('falls back to the default text when its own comes out empty, which Slack would refuse', () => {
    const event = sampleEvent({ user: { ...nobody, email: 'a@b.example' } })
    expect(message({ text: ' {{ user.name }}' }, event).text).toBe('New sign-up: a@b.example')
  })

  test('is without blocks when they all come out empty', () => {
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '{{ user.user_metadata.x }}' } }]
    expect(message({ blocks })).not.toHaveProperty('blocks')
  })

  test('escapes values in its text, and those of Liquid variables made from them', () => {
    const event = sampleEvent({ user: { name: '<!channel>' } })
    expect(message({ text: '{% assign n = user.name | append: "<!here>" %}{{ n }}' }, event).text).toBe(
      '&lt;!channel&gt;&lt;!here&gt;',
    )
  })

  test('keeps all blocks together under 13,200 characters by shortening values, then by leaving out the last', () => {
    const event = sampleEvent({ user: { name: '&'.repeat(9_000) } })
    const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } })
    const many = message({ blocks: Array(20).fill(section('{{ user.name }} signed up')) }, event).blocks ?? []
    expect(many).toHaveLength(20)
    expect(textLength([...many])).toBeLessThanOrEqual(13_200)
    const written = message({ blocks: Array(20).fill(section(`${'x'.repeat(2_000)}`)) }, event).blocks ?? []
    expect(written.length).toBeGreaterThan(4)
    expect(textLength([...written])).toBeLessThanOrEqual(13_200)
  })

  test('refuses an unknown variable and a broken template at once', () => {
    expect(() => message({ text: '{{ user.emial }}' })).toThrow(/emial/)
    expect(() =>
      message({ blocks: [{ type: 'header', text: { type: 'plain_text', text: '{{ user.' } }] }),
    ).toThrow(/user\./)
    expect(() => message({ channel: '{{ user.chanel }}' })).toThrow(/chanel/)
  })
})

describe('the channel', () => {
  test('can come from the event', () => {
    const event = sampleEvent({ user: { app_metadata: { team: 'emea' } } })
    expect(message({ channel: '#signups-{{ user.app_metadata.team }}' }, event).channel).toBe('#signups-emea')
  })

  test.each([['#'], ['a b'], ['\u202E'], ['C1,C2'], ['']])('rejects the event when it gives "%s"', (team) => {
    const event = sampleEvent({ user: { app_metadata: { team } } })
    expect(() => message({ channel: '{{ user.app_metadata.team }}' }, event)).toThrow(
      expect.toSatisfy(
        (error) => Failure.is(error) && error.kind === 'rejected' && error.code === 'channel_invalid',
      ),
    )
  })
})

test('a message makes no links, mentions or previews of its own, and its metadata is of nobody', () => {
  const event = sampleEvent()
  expect(message({ text: 'x' }, event)).toEqual({
    channel: 'C0123456789',
    text: 'x',
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: 'user_registered', event_payload: { id: event.id, marks: markOf('key-1') } },
  })
})

test('a template that explodes for an event rejects that event', () => {
  const event = sampleEvent({ user: { name: 'x'.repeat(900_000) } })
  const text =
    '{% assign n = user.name %}{% for i in (1..50) %}{% assign n = n | append: n %}{% endfor %}{{ n }}'
  expect(() => message({ text }, event)).toThrow(
    expect.toSatisfy((error) => Failure.is(error) && error.kind === 'rejected' && error.code === 'template'),
  )
})
