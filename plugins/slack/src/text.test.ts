import { describe, expect, test } from 'vitest'
import { clean, cutText, escapeMarkdown, escapeText, escapeUrl } from './text.ts'

describe('clean', () => {
  test.each([
    ['a line break', 'Ada\r\nBcc: evil', 'Ada Bcc: evil'],
    ['a null and an escape', 'A\u0000d\u001Ba', 'A d a'],
    ['a C1 control', 'A\u0085da', 'A da'],
    ['a line separator', 'A\u2028da', 'A da'],
    ['bidi overrides and isolates', '\u202Egnp.exe\u202C \u2066x\u2069', 'gnp.exe x'],
    ['zero-width characters', 'A\u200Bd\u200Da\uFEFF', 'Ada'],
    ['a tag', 'Ada\u{E0041}\u{E007F}', 'Ada'],
    ['a blank filler', '\u3164', ''],
    ['half a surrogate pair', 'Ada\uD83D', 'Ada\uFFFD'],
    ['space around', '  Ada ', 'Ada'],
  ])('takes %s out', (_what, value, expected) => {
    expect(clean(value)).toBe(expected)
  })

  test('leaves names of the world as they are', () => {
    for (const name of ['Zoë Ångström', '李小龍', 'محمد', 'O’Brien-Šmíd', '👍🏽'])
      expect(clean(name)).toBe(name)
  })
})

describe('escapeText', () => {
  test('escapes the three characters once each, the ampersand first', () => {
    expect(escapeText('<!channel> & <@U1|x>', 100)).toBe('&lt;!channel&gt; &amp; &lt;@U1|x&gt;')
  })

  test('escapes what a control character hid', () => {
    expect(escapeText('<\u200B!channel>', 100)).toBe('&lt;!channel&gt;')
  })

  test.each([1, 5, 6, 7, 16, 150])('keeps to %i characters without cutting an entity or an emoji', (most) => {
    for (const value of ['&'.repeat(500), '😀'.repeat(500), 'a&😀<'.repeat(500)]) {
      const escaped = escapeText(value, most)
      expect(escaped.length).toBeLessThanOrEqual(most)
      expect(escaped).toMatch(/^(&(amp|lt);|[^&<>])*…$/u)
      expect(escaped.isWellFormed()).toBe(true)
    }
  })

  test('does not shorten what fits exactly', () => {
    expect(escapeText('abcde', 5)).toBe('abcde')
    expect(escapeText('abcdef', 5)).toBe('abcd…')
  })
})

test('escapeMarkdown makes links, emphasis and mentions plain', () => {
  expect(escapeMarkdown('[Reset](https://evil) *x* <!here>', 200)).toBe(
    '\\[Reset\\]\\(https://evil\\) \\*x\\* &lt;\\!here&gt;',
  )
})

describe('escapeUrl', () => {
  test('encodes what cannot stand in an address, and once only', () => {
    expect(escapeUrl('auth0|5 f"<', 100)).toBe('auth0%7C5%20f%22%3C')
    expect(escapeUrl('auth0%7C5', 100)).toBe('auth0%7C5')
    expect(escapeUrl('https://x.example/ä?a=1&b=2', 100)).toBe('https://x.example/%C3%A4?a=1&b=2')
  })

  test('gives nothing rather than half an address', () => {
    expect(escapeUrl('https://x.example/long', 10)).toBe('')
  })
})

test('cutText never ends in half an entity, half a link or half a character', () => {
  expect(cutText('ab&amp;cd', 6)).toBe('ab…')
  expect(cutText('ab <https://x.example|y>', 12)).toBe('ab …')
  expect(cutText('ab😀cd', 4)).toBe('ab…')
  expect(cutText('abc', 3)).toBe('abc')
})
