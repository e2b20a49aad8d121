import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outcome } from '@onsignup/core'
import { describe, expect, test } from 'vitest'
import { runOnce, type Using } from './test-support.ts'

interface Case extends Using {
  readonly script: string
  readonly outcome: Partial<Record<keyof Outcome | 'code' | 'detail' | 'message', unknown>>
}

const hook = (body: string): string => `module.exports = function (user, context, cb) { ${body} }`

const delivered = (detail?: string, output?: unknown): Case['outcome'] => ({
  kind: 'delivered',
  ...(detail !== undefined && { detail }),
  ...(output !== undefined && { output }),
})

const holding = (text: string): unknown => expect.stringContaining(text)

const retried = (message: string, code = 'hook_failed'): Case['outcome'] => ({ kind: 'retry', message, code })

const AXIOS = `
  const error = new Error('Request failed with status code 401')
  error.config = { headers: { Authorization: 'Bearer ' + context.webtask.secrets.TOKEN }, data: 'body' }
  error.response = { data: 'secret body' }
  error.code = 'ERR_BAD_REQUEST'
  cb(error)`

const LODASH = {
  'hooks/node_modules/lodash/package.json': '{ "version": "4.17.21" }',
  'hooks/node_modules/lodash/index.js': 'exports.VERSION = "4.17.21"',
}

/** What scripts do, by the words of docs/connectors/auth0-hook.md, and what comes of each. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  '`cb()`, `cb(null, 0)`, `cb(null, undefined)`': [
    { script: hook('cb()'), outcome: delivered() },
    { script: hook('cb(null, 0)'), outcome: delivered('0') },
    { script: hook('cb(null, undefined)'), outcome: delivered() },
  ],
  "`cb(null, { a: 1 })`, `cb(null, 'str')`": [
    { script: hook('cb(null, { a: 1 })'), outcome: delivered('{"a":1}') },
    { script: hook("cb(null, 'str')"), outcome: delivered('"str"') },
  ],
  '`cb(null, user, context)`': [{ script: hook('cb(null, user, context)'), outcome: { kind: 'delivered' } }],
  '`cb(null, circular)`': [
    {
      script: hook('const circular = { a: 1 }; circular.self = circular; cb(null, circular)'),
      outcome: delivered('<ref *1> { a: 1, self: [Circular *1] }'),
    },
  ],
  "`cb(new Error('x'))`": [
    { script: hook("cb(new Error('x'))"), outcome: retried('the hook failed: x') },
    {
      script: hook("cb(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))"),
      outcome: retried('the hook failed: x', 'ECONNREFUSED'),
    },
  ],
  "`cb('text')`": [{ script: hook("cb('text')"), outcome: retried('the hook failed: text') }],
  "`cb({ message: 'm', code: 7 })`": [
    { script: hook("cb({ message: 'm', code: 7 })"), outcome: retried('the hook failed: m') },
  ],
  '`cb(axiosError)`': [
    {
      script: hook(AXIOS),
      with: { secrets: { TOKEN: 'abc.def.ghi' } },
      outcome: retried('the hook failed: Request failed with status code 401', 'ERR_BAD_REQUEST'),
    },
  ],
  '`cb(errorWithCycle)`': [
    {
      script: hook("const error = new Error('c'); error.self = error; cb(error)"),
      outcome: retried('the hook failed: c'),
    },
  ],
  throws: [{ script: hook("throw new TypeError('t')"), outcome: retried('the hook threw: t') }],
  '`new PostUserRegistrationError()`': [
    { script: hook("cb(new PostUserRegistrationError('p'))"), outcome: retried('the hook failed: p') },
  ],
  'throws later, before `cb`': [
    { script: hook("setTimeout(() => { throw new Error('l') }, 5)"), outcome: retried('the hook threw: l') },
  ],
  'throws later, after `cb`': [
    {
      script: hook("cb(null, 1); setTimeout(() => { throw new Error('l') }, 5)"),
      outcome: delivered('1', 'onsignup: it failed after it had ended: l\n'),
    },
  ],
  'calls `cb` twice': [
    {
      script: hook('cb(null, 1); cb(null, 2)'),
      outcome: delivered('1', 'onsignup: cb was called again: its first call counts\n'),
    },
    {
      script: hook("cb(null, 1); setTimeout(cb, 5, new Error('second'))"),
      outcome: delivered('1', 'onsignup: it failed after it had ended: second\n'),
    },
    { script: hook("cb(new Error('first')); cb(null, 2)"), outcome: retried('the hook failed: first') },
  ],
  'never calls `cb`': [
    { script: hook(''), outcome: delivered(undefined, 'onsignup: it ended without calling cb\n') },
    {
      script: hook(''),
      with: { on_no_callback: 'retry' },
      outcome: retried('the hook ended without calling cb', 'hook_no_callback'),
    },
    {
      script: hook('return new Promise(() => {})'),
      with: { on_no_callback: 'retry' },
      outcome: retried('the hook ended without calling cb', 'hook_no_callback'),
    },
  ],
  'never calls `cb` and never stops': [
    {
      script: hook('setInterval(() => {}, 5)'),
      with: { timeout: '50ms' },
      outcome: { kind: 'unknown', code: 'hook_timeout' },
    },
  ],
  'is async and returns a value, without `cb`': [
    {
      script: 'module.exports = async function (user, context, cb) { return 1 }',
      with: { on_no_callback: 'retry' },
      outcome: delivered(undefined, 'onsignup: it ended without calling cb\n'),
    },
    { script: 'module.exports = async (user, context) => 1', outcome: { kind: 'delivered' } },
  ],
  'is async and rejects': [
    {
      script: "module.exports = async function (user, context, cb) { throw new Error('r') }",
      outcome: retried('the hook threw: r'),
    },
  ],
  'rejects where nobody waits': [
    { script: hook("Promise.reject(new Error('u'))"), outcome: retried('the hook threw: u') },
    {
      script: hook("cb(); Promise.reject(new Error('u'))"),
      outcome: delivered(undefined, 'onsignup: it failed after it had ended: u\n'),
    },
  ],
  'is async, or has a promise, and calls `cb`': [
    {
      script: 'module.exports = async (user, context, cb) => { await null; cb(null, 2) }',
      outcome: delivered('2'),
    },
    { script: hook('Promise.resolve().then(() => cb(null, 3))'), outcome: delivered('3') },
    {
      script: "module.exports = async (user, context, cb) => { setTimeout(cb, 5, new Error('after')) }",
      outcome: retried('the hook failed: after'),
    },
  ],
  "exports an object, nothing, or another trigger's function": [
    {
      script: 'module.exports = { handler() {} }',
      outcome: {
        kind: 'misconfigured',
        code: 'hook_no_function',
        message: holding('an object with handler'),
      },
    },
    { script: '', outcome: { kind: 'misconfigured', code: 'hook_no_function' } },
    {
      script: 'exports.onExecutePostLogin = async () => {}',
      outcome: { kind: 'misconfigured', code: 'hook_no_function', message: holding('onExecutePostLogin') },
    },
  ],
  "`require('lodash@4.17.21')`": [
    {
      script: hook("cb(null, require('lodash@4.17.21').VERSION)"),
      files: LODASH,
      outcome: delivered('"4.17.21"'),
    },
    {
      script: hook("cb(null, require('./node_modules/lodash@4.17.21').VERSION)"),
      files: LODASH,
      outcome: delivered('"4.17.21"'),
    },
    {
      script: "const axios = require('axios@0.19.2'); module.exports = (user, context, cb) => cb()",
      outcome: { kind: 'misconfigured', code: 'hook_module_missing' },
    },
  ],
}

const ROWS = Object.entries(CASES).flatMap(([row, cases]) => cases.map((each) => [row, each] as const))

describe('a script that', () => {
  test.each(ROWS)('%s', async (_row, { script, outcome, ...using }) => {
    const found = await runOnce(script, using)
    expect(found).toMatchObject(outcome)
    expect(JSON.stringify([found, found instanceof Error && found.message])).not.toMatch(
      /abc\.def|Authorization/,
    )
  })
})

test('a bare function, as a Rule is written, is refused at start with the line', async () => {
  await expect(runOnce('\nfunction (user, context, cb) { cb() }')).rejects.toThrow(
    /does not parse.*hook\.js:2/s,
  )
})

test('the documentation has a row for each of these, and no other', async () => {
  const page = await readFile(join(import.meta.dirname, '../../../docs/connectors/auth0-hook.md'), 'utf8')
  const table = page.split('## What Auth0 did')[1]?.split('\n## ')[0] ?? ''
  const rows = [...table.matchAll(/^\| (.+?) \|/gm)].map(({ 1: row = '' }) => row).slice(2)
  expect(rows).toEqual([...Object.keys(CASES), 'is a bare `function (user, context, cb) {…}`, as a Rule'])
})
