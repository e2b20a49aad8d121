import { describe, expect, test } from 'vitest'
import { analyseScript } from './analysis.ts'

const HOOK = 'module.exports = function (user, context, cb) {\n'
const hook = (body: string) => analyseScript(`${HOOK}${body}\n}`)
const action = (body: string) =>
  analyseScript(`exports.onExecutePostUserRegistration = async (event, api) => {\n${body}\n}`)

describe('what a script is', () => {
  test.each([
    ['module.exports = function (user, context, cb) { cb() }', 'hook'],
    ['module.exports = async (user, context, cb) => cb()', 'hook'],
    ['function hook(user, context, cb) {}\nmodule.exports = hook', 'hook'],
    ['const hook = (user) => {}\nmodule["exports"] = hook', 'hook'],
    ['exports = module.exports = function hook() {}', 'hook'],
    ['module.exports = (() => { const m = {}; return m.x })()', 'hook'],
    ['sloppy = 1\nmodule.exports = (u, c, cb) => cb()', 'hook'],
    ['exports.onExecutePostUserRegistration = async (event) => {}', 'action'],
    ['module.exports.onExecutePostUserRegistration = async () => {}', 'action'],
    ['const run = async () => {}\nmodule.exports = { onExecutePostUserRegistration: run }', 'action'],
    ['exports.onExecutePostUserRegistration = void 0; exports.onExecutePostUserRegistration = f', 'action'],
    ['Object.defineProperty(exports, "onExecutePostUserRegistration", { get: () => f })', 'action'],
    [
      'var x = {}; __export(x, { onExecutePostUserRegistration: () => f }); module.exports = __toCommonJS(x)',
      'action',
    ],
    ['exports = module.exports = {}\nexports.onExecutePostUserRegistration = async () => {}', 'action'],
    ['const all = {}; all.onExecutePostUserRegistration = async () => {}; module.exports = all', 'action'],
    ['const all = {}; all.onExecutePostLogin = async () => {}; module.exports = all', 'neither'],
    ['exports.onExecutePostLogin = async (event) => {}', 'neither'],
    ['module.exports = { handler: 1 }', 'neither'],
    ['module.exports = class {}', 'neither'],
    ['var one = 1', 'neither'],
    ['', 'neither'],
    ['(function (module) { module.exports = function () {} })({})', 'neither'],
  ])('%s', (source, kind) => {
    const analysis = analyseScript(source)
    expect(analysis.syntaxError).toBeUndefined()
    expect(analysis.kind).toBe(kind)
  })
})

test('an Action that webpack bundled and minified is one, with what it reads', () => {
  const source =
    '(()=>{"use strict";var n={};(()=>{var t=n;t.onExecutePostUserRegistration=async e=>e.secrets.KEY})(),module.exports=n})();'
  expect(analyseScript(source)).toMatchObject({ kind: 'action', secrets: [{ name: 'KEY' }] })
})

describe('a script that does not parse', () => {
  test('is told with line and column, and nothing else is', () => {
    expect(analyseScript('var a = 1\n  var b = = 2')).toEqual({
      kind: 'neither',
      syntaxError: { message: 'Unexpected token', line: 2, column: 11 },
      requires: [],
      secrets: [],
      unknownCalls: [],
      usesConfiguration: false,
      magicGlobals: [],
      directives: [],
      methods: new Set(),
    })
  })

  test.each([
    ["import axios from 'axios'", 'CommonJS'],
    ['export const onExecutePostUserRegistration = 1', 'CommonJS'],
    ['function (user, context, callback) { callback(null, user, context) }', 'as in a Rule'],
    ['const x = await fetch("https://example.com")', 'Unexpected'],
    [`${'['.repeat(100_000)}`, 'nested too deeply'],
  ])('%.40s', (source, words) => {
    expect(analyseScript(source).syntaxError?.message).toContain(words)
  })

  test('is not what runs all the same', () => {
    for (const source of [
      '#!/usr/bin/env node\nmodule.exports = () => {}',
      'with (Math) {}',
      'return',
      '010',
    ])
      expect(analyseScript(source).syntaxError).toBeUndefined()
  })
})

describe('what a script requires', () => {
  test.each([
    ["require('axios')", { request: 'axios', name: 'axios', builtin: false }],
    ['require(`axios`)', { request: 'axios', name: 'axios', builtin: false }],
    [
      "require('axios@0.19.2')",
      { request: 'axios@0.19.2', name: 'axios', version: '0.19.2', builtin: false },
    ],
    [
      "require('./node_modules/axios@0.19.2')",
      { request: './node_modules/axios@0.19.2', name: 'axios', version: '0.19.2', builtin: false },
    ],
    [
      "require('aws-sdk@^2.949.0/clients/s3')",
      {
        request: 'aws-sdk@^2.949.0/clients/s3',
        name: 'aws-sdk',
        version: '^2.949.0',
        subpath: 'clients/s3',
        builtin: false,
      },
    ],
    ["require('@slack/web-api')", { request: '@slack/web-api', name: '@slack/web-api', builtin: false }],
    [
      "require('@slack/web-api@7.0.0/dist')",
      {
        request: '@slack/web-api@7.0.0/dist',
        name: '@slack/web-api',
        version: '7.0.0',
        subpath: 'dist',
        builtin: false,
      },
    ],
    ["require('https')", { request: 'https', name: 'https', builtin: true }],
    ["require('node:fs/promises')", { request: 'node:fs/promises', name: 'node:fs/promises', builtin: true }],
    ["require('./helper.js')", { request: './helper.js', name: './helper.js', builtin: false, file: true }],
    ["require('../../etc')", { request: '../../etc', name: '../../etc', builtin: false, file: true }],
    ["require('--flag')", { request: '--flag', name: '--flag', builtin: false }],
    ["require('a' + b)", { request: "'a' + b", name: '', builtin: false, dynamic: true }],
    ["module.require('axios')", { request: 'axios', name: 'axios', builtin: false }],
    ["import('got')", { request: 'got', name: 'got', builtin: false, imported: true }],
    [
      "try { x = require('x') } catch {}",
      { request: 'x', name: 'x', builtin: false, optional: true, column: 11 },
    ],
  ])('%s', (source, expected) => {
    expect(analyseScript(`\n${source}`).requires).toEqual([{ line: 2, column: 1, ...expected }])
  })

  test('in a try around all the work is not optional', () => {
    const { requires } = hook("try {\nconst x = require('x')\nx()\n} catch (error) { cb(error) }")
    expect(requires).toEqual([{ request: 'x', name: 'x', builtin: false, line: 3, column: 11 }])
  })

  test('is not what a bundler calls require', () => {
    const bundle =
      "(function (modules) { function require(id) {} ; require('x') })({ 1: function (require) { require('y') } })"
    expect(analyseScript(bundle).requires).toEqual([])
    expect(analyseScript("// require('x')\nconst text = \"require('y')\"").requires).toEqual([])
  })
})

describe('the secrets of a script', () => {
  const names = (analysis: ReturnType<typeof analyseScript>) => analysis.secrets.map(({ name }) => name)

  test.each([
    'use(context.webtask.secrets.KEY)',
    "use(context.webtask.secrets['KEY'])",
    'use(context.webtask.data.KEY)',
    'use(context?.webtask?.secrets?.KEY)',
    'const { KEY } = context.webtask.secrets',
    'const { KEY: key = "none" } = context.webtask.data',
    'const { webtask: { secrets: { KEY } } } = context',
    'const { webtask } = context; use(webtask.secrets.KEY)',
    'const s = context.webtask.secrets; later(() => s.KEY)',
    'var that = context; use(that.webtask.secrets.KEY)',
    'use(module.webtask.secrets.KEY)',
    'const s = context.webtask.secrets || {}; use(s.KEY)',
    'use(configuration.KEY)',
    'BAG = context.webtask.secrets; use(BAG.KEY)',
  ])('of a Hook: %s', (body) => {
    expect(names(hook(body))).toEqual(['KEY'])
  })

  test.each([
    'use(event.secrets.KEY)',
    'const { KEY } = event.secrets',
    'const { secrets } = event; use(secrets.KEY, secrets.toString())',
    'use(`Bearer ${event.secrets["KEY"]}`)',
  ])('of an Action: %s', (body) => {
    expect(names(action(body))).toEqual(['KEY'])
  })

  test.each([
    'exports.onExecutePostUserRegistration = async ({ secrets: { KEY } }) => {}',
    'exports.onExecutePostUserRegistration = async ({ secrets }) => use(secrets.KEY)',
    'exports.onExecutePostUserRegistration = async (e) => use(e.secrets.KEY)',
    'exports.onExecutePostUserRegistration = run\nasync function run(e) { await send(e) }\nfunction send(what) { return what.secrets.KEY }',
    'module.exports = wrap(function (user, context, cb) { use(context.webtask.secrets.KEY) })',
    'module.exports = (u, c, done) => use(c.webtask.secrets.KEY)',
  ])('under other names: %s', (source) => {
    expect(names(analyseScript(source))).toEqual(['KEY'])
  })

  test('are told once each, where they are first', () => {
    const { secrets } = hook(
      'a(context.webtask.secrets.B)\na(context.webtask.secrets.A, context.webtask.data.B)',
    )
    expect(secrets).toEqual([
      { name: 'B', line: 2 },
      { name: 'A', line: 3 },
    ])
  })

  test('are not what other objects are asked for', () => {
    expect(names(hook('use(vault.secrets.KEY, other.webtask.secrets.KEY)'))).toEqual([])
    expect(names(hook('use(context.webtask.secrets[name])'))).toEqual([])
    expect(names(hook('let c = context; c = other(); use(c.webtask.secrets.KEY)'))).toEqual([])
  })
})

describe('what is not there', () => {
  const told = (analysis: ReturnType<typeof analyseScript>) =>
    analysis.unknownCalls.map(({ what, effect }) => [what, effect])

  test.each([
    ['api.user.setUserMetadata("a", 1)', 'api.user.setUserMetadata', 'throws'],
    ['api.access.deny("no")', 'api.access.deny', 'throws'],
    ['api.user?.setUserMetadata("a", 1)', 'api.user.setUserMetadata', 'undefined'],
    ['use(event.client.name)', 'event.client', 'throws'],
    ['use(event.client?.name)', 'event.client', 'undefined'],
    ['use((event.client || {}).name)', 'event.client', 'undefined'],
    ['use(event.client && event.client.name)', 'event.client', 'undefined'],
    ['if (event.client) use(event.client.name)', 'event.client', 'undefined'],
    ['use(event.stats.logins_count)', 'event.stats', 'throws'],
    ['use(event.organization)', 'event.organization', 'undefined'],
    ['use(event.user.identities[0].connection)', 'event.user.identities', 'throws'],
    ['use(event.request.body)', 'event.request.body', 'undefined'],
    ['const { client } = event; use(client)', 'event.client', 'undefined'],
    ['const { client: { name } } = event', 'event.client', 'throws'],
    ['api.cache.clear()', 'api.cache.clear', 'throws'],
  ])('in an Action: %s', (body, what, effect) => {
    expect(told(action(body))).toContainEqual([what, effect])
  })

  test.each([
    ['use(user.user_id)', 'user.user_id', 'undefined'],
    ['use(user.name)', 'user.name', 'undefined'],
    ['use(user.name.split(" "))', 'user.name', 'throws'],
    ['use(user.email_verified)', 'user.email_verified', 'undefined'],
    ['use(context.clientID)', 'context.clientID', 'undefined'],
    ['use(context.request.ip)', 'context.request', 'throws'],
    ['context.webtask.create_token()', 'context.webtask.create_token', 'throws'],
  ])('in a Hook: %s', (body, what, effect) => {
    expect(told(hook(body))).toContainEqual([what, effect])
  })

  test('has its line and what to do', () => {
    expect(hook('\nuse(user.user_id)').unknownCalls).toEqual([
      { what: 'user.user_id', line: 3, effect: 'undefined', mend: 'write user.id' },
    ])
    expect(action('api.user.setAppMetadata("a", 1)').unknownCalls).toEqual([
      {
        what: 'api.user.setAppMetadata',
        line: 2,
        effect: 'throws',
        mend: 'call the Management API, as with the auth0 package',
      },
    ])
  })

  test.each([
    'use(user.id, user.email, user.phoneNumber, user.phone, user.user_metadata.anything.deep)',
    'use(context.requestLanguage, context.connection.name, context.webtask.meta["hook-name"])',
    'user.slug = user.email.split("@")[0]; use(user.slug.length)',
    'use(user.hasOwnProperty("id"), user[name], context.webtask.headers.referer)',
    'users.forEach(function (user) { use(user.name.first) })',
    'let u = user; u = await1(); use(u.name)',
  ])('is nothing of a Hook as documented: %s', (body) => {
    expect(told(hook(body))).toEqual([])
  })

  test.each([
    'use(event.user.user_id, event.user.app_metadata.plan, event.connection.name, event.tenant.id)',
    'await api.cache.set("k", "v", { ttl: 1 }); (await api.cache.get("k")).value',
    'emitter.on("x", (event) => event.client.name)',
    'use(event.request.geoip.countryCode, event.transaction?.requested_scopes[0])',
  ])('is nothing of an Action as documented: %s', (body) => {
    expect(told(action(body))).toEqual([])
  })
})

describe('globals', () => {
  test('of Node 12 that nothing defines are told once each', () => {
    const { magicGlobals } = hook('jwt.sign(_.pick(user), 1)\n_.map([])\ncrypto.createHash("md5")')
    expect(magicGlobals).toEqual([
      { name: 'jwt', line: 2 },
      { name: '_', line: 2 },
      { name: 'crypto', line: 4 },
    ])
  })

  test('that the script defines, asks for with typeof, or that are the web’s are not', () => {
    const body =
      'const _ = require("lodash"); _.map([]); async function async() {}\nip = 1; ip++\ncrypto.randomUUID()\ntypeof mongo'
    expect(hook(`${body}; [1].map((q) => q.uuid)`).magicGlobals).toEqual([])
  })

  test('configuration is told, unless it is the script’s own', () => {
    expect(hook('use(configuration.KEY)').usesConfiguration).toBe(true)
    expect(hook('const configuration = {}; use(configuration.KEY)').usesConfiguration).toBe(false)
  })
})

test('directives are told', () => {
  expect(analyseScript('"use npm"\n"use strict"\n"use latest"; "use x"').directives).toEqual([
    'use npm',
    'use latest',
  ])
})

test('a bundle of a megabyte is read, and what it needs is found', () => {
  const part = (index: number) =>
    `function m${index}(event, api) { var user = { name: "x${index}" }; if (user.name) return user.name.length; return event.client.id }\n`
  const bundle = Array.from({ length: 9_000 }, (_, index) => part(index)).join('')
  expect(bundle.length).toBeGreaterThan(1_000_000)
  const analysis = analyseScript(`${bundle}${HOOK} m1({}); require('axios'); cb(user.user_id) }`)
  expect(analysis).toMatchObject({
    kind: 'hook',
    requires: [{ name: 'axios' }],
    unknownCalls: [{ what: 'user.user_id' }],
  })
})
