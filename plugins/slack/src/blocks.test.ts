import { sampleEvent, testServices } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { compileBlock, textLength, type JsonObject } from './blocks.ts'
import { createRenderer } from './renderer.ts'

const { templates } = testServices()
const made = (block: JsonObject, event = sampleEvent(), perValue = 3_000) =>
  compileBlock(block, createRenderer(templates))(event, perValue)

const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })
const plain = (text: string) => ({ type: 'plain_text', text })

describe('a block with templates', () => {
  test('gets values anywhere, and keeps everything else', () => {
    const block = {
      type: 'section',
      block_id: 'of {{ user.username }}',
      text: { ...plain('{{ user.name }}'), emoji: true },
      accessory: {
        type: 'button',
        text: plain('Open'),
        url: 'https://x.example/{{ user.id }}',
        style: 'primary',
      },
      expand: false,
      weight: 3,
      nothing: null,
    }
    expect(made(block)).toEqual({
      ...block,
      block_id: 'of user1',
      text: { ...plain('Ada Lovelace'), emoji: true },
      accessory: { ...block.accessory, url: 'https://x.example/auth0%7C5f7c8ec7c33c6c004bbafe82' },
    })
  })

  test('escapes values and leaves the template as it is written', () => {
    const event = sampleEvent({ user: { name: '<!channel> & co' } })
    const fields = [mrkdwn('<!here> *{{ user.name }}*'), plain('{{ user.name }}')]
    expect(made({ type: 'section', fields }, event)).toEqual({
      type: 'section',
      fields: [
        { ...mrkdwn('<!here> *&lt;!channel&gt; &amp; co*'), verbatim: true },
        plain('&lt;!channel&gt; &amp; co'),
      ],
    })
  })

  test('turns no address of a stranger into a link, unless told to', () => {
    const text = mrkdwn('{{ user.name }}')
    expect(made({ type: 'section', text })).toHaveProperty('text.verbatim', true)
    expect(made({ type: 'section', text: { ...text, verbatim: false } })).toHaveProperty(
      'text.verbatim',
      false,
    )
    expect(made({ type: 'section', text: mrkdwn('https://x.example') })).not.toHaveProperty('text.verbatim')
  })

  test('escapes Markdown where Slack reads Markdown', () => {
    const event = sampleEvent({ user: { name: '[Reset](https://evil)' } })
    expect(made({ type: 'markdown', text: '**{{ user.name }}**' }, event)).toEqual({
      type: 'markdown',
      text: '**\\[Reset\\]\\(https://evil\\)**',
    })
  })

  const missing = '{{ user.user_metadata.missing }}'
  test.each<[string, JsonObject, JsonObject | undefined]>([
    [
      'a field',
      { type: 'section', fields: [plain(missing), plain('a')] },
      { type: 'section', fields: [plain('a')] },
    ],
    [
      'all fields',
      { type: 'section', text: plain('a'), fields: [plain(missing)] },
      { type: 'section', text: plain('a') },
    ],
    ['a section', { type: 'section', text: mrkdwn(missing) }, undefined],
    ['a header', { type: 'header', text: plain(` ${missing} `) }, undefined],
    ['a context', { type: 'context', elements: [mrkdwn(missing)] }, undefined],
    ['an image', { type: 'image', image_url: '{{ user.picture }}', alt_text: 'a' }, undefined],
    [
      'a link',
      { type: 'actions', elements: [{ type: 'button', text: plain('a'), url: missing }] },
      undefined,
    ],
    ['Markdown', { type: 'markdown', text: missing }, undefined],
  ])('leaves out %s whose value is unknown, which Slack would refuse', (_what, block, expected) => {
    expect(made(block)).toEqual(expected)
  })

  test('hides no mistake of the template: what is written without a value stays', () => {
    const block = { type: 'section', txt: plain('a') }
    expect(made(block)).toEqual(block)
  })

  test.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example', 'nonsense'])(
    'takes no %s for an address',
    (picture) => {
      const event = sampleEvent({ user: { picture } })
      expect(made({ type: 'image', image_url: '{{ user.picture }}', alt_text: 'a' }, event)).toBeUndefined()
    },
  )

  test.each<[string, number, (text: string) => JsonObject]>([
    ['header', 150, (text) => ({ type: 'header', text: plain(text) })],
    ['section', 3_000, (text) => ({ type: 'section', text: mrkdwn(text) })],
    ['field', 2_000, (text) => ({ type: 'section', fields: [mrkdwn(text)] })],
    ['button', 75, (text) => ({ type: 'actions', elements: [{ type: 'button', text: plain(text) }] })],
    ['markdown', 12_000, (text) => ({ type: 'markdown', text })],
  ])('keeps a %s to %i characters, values shortened before the template is', (_what, most, block) => {
    const event = sampleEvent({ user: { name: '&😀<'.repeat(5_000), nickname: 'n'.repeat(9_000) } })
    const rendered = JSON.stringify(made(block('{{ user.name }} and {{ user.nickname }} end'), event, 12_000))
    const [text = ''] = /"text":"([^"]*)"/.exec(rendered)?.slice(1) ?? []
    expect(text.length).toBeLessThanOrEqual(most)
    expect(text.length).toBeGreaterThan(most / 3)
    expect(text).toMatch(/… and n+… end$/)
    expect(made(block('x'.repeat(20_000) + '{{ user.name }}'), event)).toSatisfy(
      (long: JsonObject) => textLength(long) < most + 30,
    )
  })

  test('holds a key named __proto__ without touching any prototype', () => {
    const block: JsonObject = JSON.parse('{"type":"divider","__proto__":{"polluted":"{{ user.name }}"}}')
    const rendered = made(block)
    expect(JSON.stringify(rendered)).toBe('{"type":"divider","__proto__":{"polluted":"Ada Lovelace"}}')
    expect({}).not.toHaveProperty('polluted')
  })
})
