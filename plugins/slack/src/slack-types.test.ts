import { fileURLToPath } from 'node:url'
import { createGenerator } from 'ts-json-schema-generator'
import { expect, test } from 'vitest'
import { problemsOf, webhookProblems } from './test-support.ts'

test("the schema of Slack's types is that of @slack/types; when a new version has others: vitest run -u", async () => {
  const path = fileURLToPath(import.meta.resolve('@slack/types')).replace(/\.js$/, '.d.ts')
  const { definitions } = createGenerator({
    path,
    type: '*',
    skipTypeCheck: true,
    jsDoc: 'none',
  }).createSchema('*')
  const needed = new Map<string, unknown>()
  const need = (name: string) => {
    if (needed.has(name)) return
    const definition: unknown = definitions?.[name]
    needed.set(name, definition)
    for (const [, ref = ''] of JSON.stringify(definition).matchAll(/"#\/definitions\/([^"]+)"/g)) need(ref)
  }
  for (const name of ['KnownBlock', 'MessageMetadata']) need(name)
  const sorted = Object.fromEntries([...needed].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const text = `${JSON.stringify({ $comment: 'Made by slack-types.test.ts from @slack/types, MIT', definitions: sorted }, null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../test/slack-types.json')
})

const message = { channel: 'C0123456789', text: 'x' }
const blocks = (...list: readonly object[]) => ({ ...message, blocks: JSON.stringify(list) })

test.each<[string, Record<string, string>, RegExp]>([
  ['a misspelt argument', { ...message, tekst: 'x' }, /additional properties/],
  ['no channel', { text: 'x' }, /channel/],
  ['a flag that is none', { ...message, unfurl_links: 'maybe' }, /unfurl_links must be boolean/],
  ['an empty text', { ...message, text: ' ' }, /a text of 1 /],
  ['metadata without a type', { ...message, metadata: '{"event_payload":{}}' }, /event_type/],
  ['a block that is none', blocks({ type: 'heading' }), /KnownBlock/],
  ['mrkdwn in a header', blocks({ type: 'header', text: { type: 'mrkdwn', text: 'x' } }), /KnownBlock/],
  [
    'a header that is too long',
    blocks({ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }),
    /151 characters/,
  ],
  [
    'too much in all',
    blocks(...Array(5).fill({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(2_900) } })),
    /14500 characters in all/,
  ],
])("Slack's own documents refuse %s", (_what, form, expected) => {
  expect(problemsOf('chat.postMessage', form).join()).toMatch(expected)
})

test('they refuse where a webhook is told a channel', () => {
  expect(webhookProblems(message)).toEqual(['a webhook takes no channel'])
})
