import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ConfigurationError } from './finding.ts'
import { addConnectors, isCommentedOut, variablesIn, writtenConnectors, type NewConnector } from './write.ts'

const FILE = 'onsignup.yaml'

const welcome: NewConnector = {
  name: 'welcome',
  uses: 'auth0-hook',
  with: { script: './hooks/welcome.js', secrets: { KEY: '${KEY}' } },
  comment: ['Hook "Welcome"'],
  on: true,
}

const off: NewConnector = { ...welcome, name: 'later', with: { script: './hooks/later.js' }, on: false }

const WELCOME = `  # Hook "Welcome"
  welcome:
    uses: auth0-hook
    with:
      script: ./hooks/welcome.js
      secrets:
        KEY: \${KEY}
`

describe('addConnectors', () => {
  test('makes a file of nothing', () => {
    expect(addConnectors('', [welcome], FILE)).toBe(
      `# Every key: docs/configuration.md\nstore: ./data/onsignup.db\nconnectors:\n${WELCOME}`,
    )
  })

  test('adds after the last connector, and leaves every other byte as it is', () => {
    const before = `# mine
server:   { port: 8080 }   # the port

connectors:   # all of them
  a:
    uses: slack     # with spaces
    with: { token: "\${T}",   channel: '#x' }
    retry:   { max_attempts: 3 } # a few
    # a note on a
`
    const after = `
# where it is kept
store: "./x.db"
`
    expect(addConnectors(before + after, [welcome], FILE)).toBe(before + WELCOME + after)
  })

  test.each([
    ['a file without connectors', 'store: ./x.db\n', `store: ./x.db\nconnectors:\n${WELCOME}`],
    ['no line break at the end', 'store: ./x.db', `store: ./x.db\nconnectors:\n${WELCOME}`],
    [
      'a comment alone',
      '# mine\n',
      `# mine\n# Every key: docs/configuration.md\nstore: ./data/onsignup.db\nconnectors:\n${WELCOME}`,
    ],
    ['an empty key', 'connectors:\nstore: x\n', `connectors:\n${WELCOME}store: x\n`],
    ['an empty key at the end', 'connectors:', `connectors:\n${WELCOME}`],
    ['an empty mapping', 'connectors: {}\nstore: x\n', `connectors:\n${WELCOME}store: x\n`],
    ['one with a comment', 'connectors: {} # none\n', `connectors: # none\n${WELCOME}`],
    [
      'a wider indentation',
      'connectors:\n    a:\n        uses: slack',
      `connectors:\n    a:\n        uses: slack\n${WELCOME.replaceAll(/^/gm, '  ').trimEnd()}\n`,
    ],
    [
      'a text of many lines at the end',
      'connectors:\n  a:\n    uses: x\n    with:\n      text: |\n        one\n\n        two\nstore: x\n',
      `connectors:\n  a:\n    uses: x\n    with:\n      text: |\n        one\n\n        two\n${WELCOME}store: x\n`,
    ],
    [
      'a comment of the key that follows',
      'connectors:\n  a:\n    uses: x\n# the store\nstore: x\n',
      `connectors:\n  a:\n    uses: x\n${WELCOME}# the store\nstore: x\n`,
    ],
  ])('takes %s', (_what, before, after) => {
    expect(addConnectors(before, [welcome], FILE)).toBe(after)
  })

  test('keeps the line ends of Windows', () => {
    const written = addConnectors('connectors:\r\n  a:\r\n    uses: x\r\n', [welcome], FILE)
    expect(written.replaceAll('\r\n', '')).not.toContain('\n')
    expect(parse(written)).toMatchObject({
      connectors: { a: { uses: 'x' }, welcome: { uses: 'auth0-hook' } },
    })
  })

  test('writes one that is not on as a comment, and knows it again', () => {
    const written = addConnectors('connectors:\n  a:\n    uses: x\n', [welcome, off], FILE)
    expect([...writtenConnectors(written, FILE).keys()]).toEqual(['a', 'welcome'])
    expect(isCommentedOut(written, 'later', './hooks/later.js')).toBe(true)
    expect(isCommentedOut(written, 'later', './hooks/other.js')).toBe(false)
    expect(isCommentedOut(written, 'welcome', './hooks/welcome.js')).toBe(false)
    const turnedOn = written.replaceAll(/^ {2}# (?=later:| )/gm, '  ')
    expect(writtenConnectors(turnedOn, FILE).get('later')).toEqual({
      uses: 'auth0-hook',
      with: { script: './hooks/later.js' },
    })
    expect(addConnectors(written, [{ ...welcome, name: 'third' }], FILE)).toMatch(
      /later\.js\n {2}# Hook "Welcome"\n {2}third:/,
    )
  })

  test('lets no name of a secret out of its place', () => {
    const hostile = { 'a: b\n  evil': '${A}', __proto__x: '${B}', '# c': '${C}', "'": '${D}' }
    const written = addConnectors('', [{ ...welcome, with: { secrets: hostile } }], FILE)
    expect(writtenConnectors(written, FILE).get('welcome')?.with).toEqual({ secrets: hostile })
  })

  test.each([
    ['is no YAML', 'connectors: [', /onsignup\.yaml:1/],
    ['has its connectors in one line', 'connectors: { a: { uses: x } }\n', /lines of its own/],
    ['has them behind an alias', 'x: &x { a: { uses: x } }\nconnectors: *x\n', /lines of its own/],
    ['has a list of them', 'connectors:\n  - uses: x\n', /lines of its own/],
  ])('refuses a file that %s', (_what, source, message) => {
    expect(() => addConnectors(source, [welcome], FILE)).toThrow(ConfigurationError)
    expect(() => addConnectors(source, [welcome], FILE)).toThrow(message)
  })
})

describe('variablesIn', () => {
  test('finds references anywhere but in the connectors that are left out', () => {
    const source =
      'server: { token: "${TOKEN:-x}" }\nconnectors:\n  a: { with: { k: "${A} $${NO} ${B:?why}" } }\n  b: { with: { k: "${C}" } }\n'
    expect([...variablesIn(source, FILE, new Set(['b']))]).toEqual(['A', 'B', 'TOKEN'])
    expect([...variablesIn('', FILE, new Set())]).toEqual([])
  })
})
