import { sampleEvent, testServices } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { textLength } from './blocks.ts'
import { digestMessage } from './digest.ts'
import { ALL_BLOCKS, TEXT_OBJECT } from './limits.ts'
import { markOf, readMarks } from './marks.ts'
import { compileMessage } from './message.ts'
import { options } from './options.ts'
import { formOf, problemsOf } from './test-support.ts'

const digestOf = (users: readonly object[], over: object = {}) => {
  const given = options.parse({ token: 'xoxb-1', channel: 'C0123456789', ...over })
  const message = compileMessage(given, testServices())
  const digest = digestMessage(
    users.map((user, index) => {
      const idempotencyKey = `key-${index}`
      return { message: message(sampleEvent({ user }), idempotencyKey), idempotencyKey }
    }),
  )
  expect(problemsOf('chat.postMessage', formOf(digest))).toEqual([])
  return digest
}

const named = (name: string) => ({ name, email: `${name.toLowerCase()}@example.com` })

describe('a digest', () => {
  test('counts the sign-ups and has a line for each', () => {
    const { channel, text, blocks } = digestOf([named('Ada'), named('Bob')])
    expect(channel).toBe('C0123456789')
    expect(text).toBe(
      '2 new sign-ups\n• New sign-up: Ada (ada@example.com)\n• New sign-up: Bob (bob@example.com)',
    )
    expect(blocks).toEqual([
      { type: 'header', text: { type: 'plain_text', text: '2 new sign-ups', emoji: false } },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: '• New sign-up: Ada (ada@example.com)\n• New sign-up: Bob (bob@example.com)',
          verbatim: true,
        },
      },
    ])
  })

  test('of five hundred is as long as Slack takes, and says how many are not listed', () => {
    const users = Array.from({ length: 500 }, (_, n) => named(`Ada-${n}-${'x'.repeat(n % 200)}`))
    const { text, blocks = [] } = digestOf(users)
    expect(textLength([...blocks])).toBeLessThanOrEqual(ALL_BLOCKS)
    expect(text.length).toBeLessThanOrEqual(TEXT_OBJECT)
    for (const block of blocks.slice(1)) {
      expect(textLength([block])).toBeLessThanOrEqual(TEXT_OBJECT)
    }
    const shown = JSON.stringify(blocks).match(/•/g)?.length ?? 0
    expect(JSON.stringify(blocks)).toContain(`"and ${500 - shown} more"`)
  })

  test('has nothing live of what strangers write', () => {
    const users = [{ name: '<!channel> <@U1>' }, { name: '<https://evil.example|Reset>' }]
    const sent = JSON.stringify(digestOf(users, { text: '{{ user.name }}' }))
    expect(sent).not.toMatch(/<[!@#h]/)
    expect(sent).toContain('&lt;!channel&gt;')
  })

  test("uses the operator's own text, a line of it for each", () => {
    const { text } = digestOf([named('Ada'), named('Bob')], { text: '*{{ user.name }}*\nsaid hello' })
    expect(text).toBe('2 new sign-ups\n• *Ada* said hello\n• *Bob* said hello')
  })

  test('tells in its metadata how many sign-ups it is for and marks each, and nothing of anybody', () => {
    const { metadata } = digestOf([named('Ada'), named('Bob')])
    expect(metadata).toEqual({
      event_type: 'users_registered',
      event_payload: { count: 2, marks: `${markOf('key-0')}${markOf('key-1')}` },
    })
  })

  test.each([
    [500, true],
    [700, true],
    [701, false],
  ])('of %i sign-ups keeps its metadata under 8,000 characters: all are marked: %s', (count, isMarked) => {
    const { metadata } = digestOf(Array.from({ length: count }, () => named('Ada')))
    expect(JSON.stringify(metadata).length).toBeLessThan(8_000)
    const read = readMarks({ ts: '1.2', metadata })
    expect(read?.named?.length ?? 0).toBe(isMarked ? count : 0)
    expect(new Set(read?.named ?? []).size).toBe(isMarked ? count : 0)
  })
})
