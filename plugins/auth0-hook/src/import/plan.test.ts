import { describe, expect, test } from 'vitest'
import { plan, type Place } from './plan.ts'
import type { ExportedScript } from './select.ts'
import { ACTION, HOOK } from './test-support.ts'

const EMPTY: Place = {
  connectorOf: () => undefined,
  hasName: () => false,
  variablesOf: () => new Map(),
  isUsed: () => false,
}

const hook = (name: string, secrets: Readonly<Record<string, string | undefined>> = {}): ExportedScript => ({
  what: 'hook',
  name,
  where: name,
  on: true,
  source: HOOK,
  secrets: Object.entries(secrets).map(([secret, meaning]) => ({ name: secret, meaning, isWritten: false })),
  dependencies: new Map(),
  remarks: [],
})

const variables = (scripts: readonly ExportedScript[], place = EMPTY) =>
  plan(scripts, place).map(({ secrets }) =>
    Object.fromEntries(secrets.map((each) => [each.name, each.variable])),
  )

describe('names', () => {
  test.each([
    ['Welcome Mail (EU)', 'welcome-mail-eu'],
    ['../../etc/passwd', 'etc-passwd'],
    [String.raw`a\b`, 'a-b'],
    ['Grüße 🎉', 'gru-e'],
    ['2nd hook', 'hook-2nd-hook'],
    ['__proto__', 'proto'],
    ['日本', 'hook'],
    ['', 'hook'],
    ['x'.repeat(300), 'x'.repeat(50)],
    ['undefined', 'undefined'],
  ])('of %j are safe', (name, expected) => {
    const [planned] = plan([hook(name)], EMPTY)
    expect(planned).toMatchObject({ name: expected, file: `hooks/${expected}.js` })
  })

  test('of two scripts differ, and so do those of others that are there', () => {
    const place: Place = { ...EMPTY, hasName: (name) => name === 'crm' }
    expect(plan([hook('A b'), hook('a-b'), hook('crm')], place).map(({ name }) => name)).toEqual([
      'a-b',
      'a-b-2',
      'crm-2',
    ])
  })

  test('of what is there already are kept', () => {
    const place: Place = {
      ...EMPTY,
      hasName: () => true,
      connectorOf: (file, name) => (file === 'hooks/crm-2.js' ? name : undefined),
    }
    expect(plan([hook('crm')], place)).toMatchObject([{ name: 'crm-2', isThere: true }])
  })

  test('that an operator gave are kept, and the script keeps its file', () => {
    const place: Place = {
      ...EMPTY,
      hasName: (name) => name === 'mail',
      connectorOf: (file) => (file === 'hooks/crm.js' ? 'mail' : undefined),
    }
    expect(plan([hook('crm'), hook('mail')], place)).toMatchObject([
      { name: 'mail', isThere: true, file: 'hooks/crm.js' },
      { name: 'mail-2', isThere: false, file: 'hooks/mail-2.js' },
    ])
  })
})

describe('variables', () => {
  test('are the secrets themselves, made valid', () => {
    expect(variables([hook('a', { KEY: undefined, 'api-url': undefined, 'a.b': undefined })])).toEqual([
      { KEY: 'KEY', 'api-url': 'api_url', 'a.b': 'a_b' },
    ])
  })

  test('have the name of the connector where two hide what they mean by one name', () => {
    expect(variables([hook('a', { KEY: undefined }), hook('b-c', { KEY: undefined })])).toEqual([
      { KEY: 'A_KEY' },
      { KEY: 'B_C_KEY' },
    ])
  })

  test('are one where the export shows that they mean the same, and not where it shows that they do not', () => {
    const same = { KEY: '${var.key}' }
    expect(variables([hook('a', same), hook('b', same)])).toEqual([{ KEY: 'KEY' }, { KEY: 'KEY' }])
    expect(variables([hook('a', same), hook('b', { KEY: '${var.other}' })])).toEqual([
      { KEY: 'A_KEY' },
      { KEY: 'B_KEY' },
    ])
  })

  test('differ within one script too', () => {
    expect(variables([hook('x', { 'a-b': undefined, a_b: undefined })])).toEqual([
      { 'a-b': 'X_a_b', a_b: 'X_a_b_2' },
    ])
  })

  test.each(['PATH', 'NODE_OPTIONS', 'http_proxy', 'ONSIGNUP_TOKEN', 'PGPASSWORD', '1ST', ''])(
    'are none that a machine has already, and always valid: %j',
    (secret) => {
      const variable = variables([hook('x', { [secret]: undefined })])[0]?.[secret]
      expect(variable).toBe(`X_${secret}`)
    },
  )

  test('are none that another connector uses, and those that are there already', () => {
    const place: Place = {
      ...EMPTY,
      isUsed: (variable) => variable === 'KEY',
      variablesOf: () => new Map([['OLD', 'GIVEN_BEFORE']]),
    }
    expect(variables([hook('x', { KEY: undefined, OLD: undefined })], place)).toEqual([
      { KEY: 'X_KEY', OLD: 'GIVEN_BEFORE' },
    ])
  })
})

describe('notes', () => {
  test('say with their lines what a script needs that is not there', () => {
    const source = `const axios = require('axios')
const request = require('request@2.88.0')
const local = require('./local')
exports.onExecutePostUserRegistration = async (event, api) => {
  api.user.setUserMetadata('k', event.secrets.HIDDEN + event.secrets.KEY)
  // ##LEFT##
}
`
    const script: ExportedScript = {
      ...hook('a', { KEY: undefined }),
      what: 'action',
      source,
      dependencies: new Map([['axios', '1.7.2']]),
      remarks: ['a remark'],
    }
    const [planned] = plan([script], EMPTY)
    expect(planned?.modules).toEqual([
      { name: 'axios', version: '1.7.2' },
      { name: 'request', version: '2.88.0' },
    ])
    expect(planned?.notes.map(({ line, what }) => `${line ?? ''} ${what}`)).toEqual([
      ' a remark',
      '3 requires ./local, a file that Auth0 never had',
      '5 reads the secret HIDDEN, which the export does not list',
      '5 api.user.setUserMetadata exists nowhere: it throws',
      '6 ##LEFT## was not replaced',
    ])
  })

  test('say that a script cannot be read, or exports nothing', () => {
    const notes = (source: string) => plan([{ ...hook('a'), source }], EMPTY)[0]?.notes
    expect(notes('module.exports = (')).toMatchObject([
      { line: 1, what: expect.stringContaining('cannot be read') },
    ])
    expect(notes('const a = 1\n')).toMatchObject([{ what: expect.stringContaining('exports no function') }])
    expect(notes(ACTION)).toEqual([])
  })
})
