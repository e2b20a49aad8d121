import { describe, expect, test } from 'vitest'
import { chatWith, linesOf, load, TOKEN } from './test-support.ts'

const only = async (yaml: string): Promise<string | undefined> => {
  const lines = await linesOf(yaml)
  expect(lines).toHaveLength(1)
  return lines[0]
}

describe('a file that is not YAML', () => {
  test('has its first syntax error reported, and nothing else', async () => {
    expect(await only('server: [1, 2\nstroe: x\n"a\n')).toMatch(/^onsignup\.yaml:2:1 {2}Flow sequence/)
  })

  test('is told to quote a bare {{', async () => {
    expect(await only(chatWith(TOKEN, 'channel: "#x"', 'text: {{ user.email }} signed up'))).toBe(
      'onsignup.yaml:7:13  a bare {{ starts a mapping here  → put the whole value in quotes: "{{ … }}"',
    )
    expect(await only(chatWith('text: {{ user.email }}'))).toMatch(/^onsignup\.yaml:5:13 .*in quotes/)
  })

  test('is told to quote a bare ${ within brackets', async () => {
    expect(await only('connectors:\n  a: { uses: chat, with: { token: ${TOKEN} } }\n')).toBe(
      'onsignup.yaml:2:35  a bare ${ starts a mapping here  → put the whole value in quotes: "${…}"',
    )
    expect(await only('connectors: [${A}]\n')).toContain('a bare ${ starts')
  })

  test('is pointed to where an unclosed quote opens', async () => {
    expect(await only(chatWith('channel: "x', 'text: y'))).toMatch(/^onsignup\.yaml:5:16 /)
  })

  test.each([
    ['text: a: b', '5:13', 'put the whole value in quotes'],
    ['text: @x', '5:13', 'put the whole value in quotes'],
    ['text: "x" == y', '5:17', 'put the whole value in quotes'],
    ['\ttext: x', '5:7', 'indent with spaces'],
    ['text: "\\x"', '5:14', 'write \\\\ for a backslash'],
  ])('is told how to mend %j', async (line, place, mend) => {
    const found = await only(chatWith(line))
    expect(found).toContain(`onsignup.yaml:${place}  `)
    expect(found).toContain(mend)
  })

  test('shows nothing of what could be a secret', async () => {
    expect(await only(chatWith('token: "a" xoxb-secret'))).not.toContain('secret')
    expect(await only(chatWith('token: > xoxb-secret'))).toContain('5:16  Not a YAML token  →')
  })

  test('or is two documents, or is empty, is told so', async () => {
    expect(await only('a: 1\n---\nb: 2\n')).toContain(':2:1  there is more than one document')
    expect(await only('# nothing\n')).toContain(':1:1  the file is empty  → write a connector')
  })
})

describe('a file that is YAML', () => {
  test('may use anchors, aliases and merges', async () => {
    const { connectors } = await load(`connectors:
  a: &a { uses: chat, timeout: 5s, with: &with { ${TOKEN}, channel: a } }
  b: { <<: *a, timeout: 9s }
  c: { uses: chat, with: { <<: [ *with ], channel: c } }
  d: { uses: chat, with: *with }
`)
    expect(connectors.map(({ name, settings, with: options }) => [name, settings, options])).toEqual([
      ['a', { timeout: '5s' }, { token: 'xoxb-written-in-the-file', channel: 'a' }],
      ['b', { timeout: '9s' }, { token: 'xoxb-written-in-the-file', channel: 'a' }],
      ['c', {}, { token: 'xoxb-written-in-the-file', channel: 'c' }],
      ['d', {}, { token: 'xoxb-written-in-the-file', channel: 'a' }],
    ])
  })

  test('has a mistake of an anchor reported once, where it is written', async () => {
    expect(
      await linesOf(`connectors:
  a: { uses: chat, with: &with { ${TOKEN}, channel: a, txt: x } }
  b: { uses: chat, with: *with }
`),
    ).toEqual(['onsignup.yaml:2:79  connectors.a.with.txt  unknown key txt  → write text'])
  })

  test('may not make gigabytes of a few aliases', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, index) => `  l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(9)}]`,
    )
    expect(await linesOf(`connectors:\n  l0: &l0 [x]\n${levels.join('\n')}\n`)).toEqual([
      'onsignup.yaml:1:1  its aliases make more than 20000 values of it  → use fewer aliases',
    ])
  })

  test('may not contain itself, nor name an anchor that is not there', async () => {
    const lines = await linesOf(
      chatWith(TOKEN, 'channel: *chanel', 'blocks: &b [*b]', 'id: &i { field: *i }'),
    )
    expect(lines).toEqual([
      expect.stringContaining(':6:16  connectors.team.with.channel  there is no anchor &chanel above  → '),
      expect.stringContaining(':7:19  connectors.team.with.blocks[0]  *b contains itself  → '),
      expect.stringContaining(':8:23  connectors.team.with.id.field  *i contains itself  → '),
    ])
  })

  test('may not say a key twice', async () => {
    expect(await linesOf(chatWith(TOKEN, 'channel: a', 'channel: b'))).toEqual([
      'onsignup.yaml:7:7  connectors.team.with.channel  channel is written twice  → keep one of the two',
    ])
  })

  test('may not use a tag of its own', async () => {
    expect(await linesOf(chatWith('token: !env TOKEN', 'channel: !!str 1'))).toEqual([
      'onsignup.yaml:5:19  connectors.team.with.token  the tag !env means nothing here  → remove it; a value from the environment is written ${NAME}',
    ])
  })
})
