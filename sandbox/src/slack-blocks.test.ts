import { expect, test } from 'vitest'
import { blockProblems } from './slack-blocks.ts'

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) })
const section = (length: number) => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(length) } })

test('a message at every limit has no problem', () => {
  const fields = Array.from({ length: 10 }, () => plain(2000))
  const blocks = [
    { type: 'header', text: plain(150) },
    section(3000),
    { type: 'section', fields },
    { type: 'context', elements: Array.from({ length: 10 }, () => plain(1)) },
    { type: 'actions', elements: [{ type: 'button', text: plain(75), url: 'u'.repeat(3000) }] },
    { type: 'image', image_url: 'https://x.test/a.png', alt_text: 'a' },
    { type: 'markdown', text: 'x'.repeat(12_000) },
    { type: 'rich_text', elements: [] },
    ...Array.from({ length: 42 }, () => ({ type: 'divider' })),
  ]
  expect(blocks).toHaveLength(50)
  expect(blockProblems(blocks)).toEqual([])
})

test.each([
  ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' })), 'no more than 50 items', '/blocks'],
  ['a long header', [{ type: 'header', text: plain(151) }], 'less than 151', '/blocks/0/text/text'],
  [
    'a mrkdwn header',
    [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
    'enum',
    '/blocks/0/text/type',
  ],
  ['a long section', [section(3001)], 'less than 3001', '/blocks/0/text/text'],
  ['an empty section', [section(0)], 'more than 0', '/blocks/0/text/text'],
  ['a section without text', [{ type: 'section' }], 'missing required field: text', '/blocks/0'],
  ['a long field', [{ type: 'section', fields: [plain(2001)] }], 'less than 2001', '/blocks/0/fields/0/text'],
  [
    '11 fields',
    [{ type: 'section', fields: Array(11).fill(plain(1)) }],
    'no more than 10',
    '/blocks/0/fields',
  ],
  ['an unknown type', [{ type: 'sectoin' }], 'unsupported type: sectoin', '/blocks/0/type'],
  [
    'an unknown key',
    [{ type: 'divider', colour: 'red' }],
    'invalid additional property: colour',
    '/blocks/0',
  ],
  ['a string for a block', ['divider'], 'must provide an object', '/blocks/0'],
])('%s is refused, with a pointer to the place', (_name, blocks, problem, pointer) => {
  const problems = blockProblems(blocks)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(problem)
  expect(problems[0]).toContain(`[json-pointer:${pointer}]`)
})
