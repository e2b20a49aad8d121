import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { sampleEvent } from '@onsignup/core/testing'
import { printed, runOnce, scripted } from './test-support.ts'

const hook = (body: string): string => `module.exports = function (user, context, cb) { ${body} }`

/** A server that counts the requests that it answers. */
const listening = async (): Promise<{ readonly url: string; readonly server: Server; hits(): number }> => {
  let hits = 0
  const server = createServer((_request, response) => {
    hits += 1
    response.end('ok')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/`, server, hits: () => hits }
}

describe('a script is CommonJS in sloppy mode', () => {
  test('and may assign what it never declared', async () => {
    const source =
      "WEBHOOK = 'w'; send = function (cb) { TOKEN = 't'; cb(null, WEBHOOK + TOKEN) }; module.exports = (u, c, cb) => send(cb)"
    expect(await runOnce(source)).toMatchObject({ detail: '"wt"' })
  })

  test('whatever package.json says of the folder', async () => {
    const files = { 'hooks/package.json': '{ "type": "module" }', 'hooks/lib.js': 'exports.one = 1' }
    expect(await runOnce(hook("cb(null, require('./lib').one)"), { files })).toMatchObject({ detail: '1' })
  })

  test('with the lines of its file in what it throws', async () => {
    const outcome = await runOnce(
      "#!/usr/bin/env node\nmodule.exports = function (user, context, cb) {\n  throw new Error('here') }",
    )
    expect(outcome).toMatchObject({ cause: { stack: expect.stringMatching(/hook\.js:3:9\)/) } })
  })
})

describe('a Hook', () => {
  test.each([
    ['module.exports = function () { }', 'no arguments'],
    ['module.exports = (user) => { user.email.length }', 'one'],
    ['module.exports = (user, context) => { context.connection.name.length }', 'two'],
  ])('%s of %s is delivered when nothing of it is left', async (source) => {
    expect(await runOnce(source, { with: { on_no_callback: 'retry' } })).toEqual({ kind: 'delivered' })
  })

  test("gets Auth0's fields, with the id bare and empty metadata where there is none", async () => {
    await using script = await scripted(
      hook('cb(null, { user, connection: context.connection, language: context.requestLanguage })'),
    )
    const event = sampleEvent({ user: { user_metadata: {}, app_metadata: {}, username: null } })
    const found = await script.run({ ...event, user: { ...event.user, user_metadata: {}, app_metadata: {} } })
    const detail: unknown = JSON.parse(found !== undefined && 'detail' in found ? (found.detail ?? '') : '')
    expect(detail).toEqual({
      user: {
        id: '5f7c8ec7c33c6c004bbafe82',
        tenant: 'my-tenant',
        email: 'user1@foo.com',
        emailVerified: true,
        phoneNumber: '1-000-000-0000',
        phoneNumberVerified: true,
        phone: '1-000-000-0000',
        phoneVerified: true,
        user_metadata: {},
        app_metadata: {},
      },
      connection: {
        id: 'con_xxxxxxxxxxxxxxxx',
        name: 'Username-Password-Authentication',
        tenant: 'my-tenant',
      },
      language: 'en-us',
    })
  })

  test('has metadata of hostile names as they are', async () => {
    await using script = await scripted(
      hook('cb(null, [Object.keys(user.user_metadata), user.user_metadata.admin === undefined])'),
    )
    const event = sampleEvent()
    const metadata: typeof event.user.user_metadata = JSON.parse(
      '{"__proto__":{"admin":true},"constructor":1}',
    )
    const hostile = { ...event, user: { ...event.user, user_metadata: metadata } }
    expect(await script.run(hostile)).toMatchObject({ detail: '[["__proto__","constructor"],true]' })
  })

  test('has its webtask in the context and in its module', async () => {
    const source = `
      const early = module.webtask.secrets.KEY
      module.exports = function (user, { webtask }, cb) {
        const { data, meta, headers, params, query, body, id, token } = webtask
        cb(null, [early === data.KEY, webtask.secrets === module.webtask.secrets, meta['hook-name'], headers.referer,
          params, query, body.user.email, id, token, JSON.parse(webtask.body_raw).context.requestLanguage])
      }`
    const outcome = await runOnce(source, { with: { secrets: { KEY: 'abcdef' } } })
    expect(outcome).toMatchObject({
      detail: '[true,true,"legacy",null,{},{},"user1@foo.com","key-1",null,"en-us"]',
    })
  })

  test('has the name that meta gives it', async () => {
    const outcome = await runOnce(hook("cb(null, context.webtask.meta['hook-name'])"), {
      with: { meta: { 'hook-name': 'post-registration' } },
    })
    expect(outcome).toMatchObject({ detail: '"post-registration"' })
  })

  test('is told clearly what only Auth0 had', async () => {
    expect(await runOnce(hook('context.webtask.create_token({}, cb)'))).toMatchObject({
      kind: 'retry',
      message: expect.stringContaining('create_token is not available outside of Auth0'),
    })
  })

  test('finds its secrets in configuration when that is switched on, and not before', async () => {
    const source = hook('cb(null, typeof configuration === "undefined" ? null : Object.keys(configuration))')
    const secrets = { KEY: 'abcdef' }
    expect(await runOnce(source, { with: { secrets } })).toEqual({ kind: 'delivered' })
    expect(await runOnce(source, { with: { secrets, configuration: true } })).toMatchObject({
      detail: '["KEY"]',
    })
  })

  test('may declare the classes of the prelude itself', async () => {
    const source = `
      class PostUserRegistrationError extends Error {}
      module.exports = (user, context, cb) => {
        const error = new PreUserRegistrationError('m', 'friendly')
        cb(null, [new PostUserRegistrationError('p').message, error.name, error.message, error.friendlyMessage, error instanceof ExtensibilityUserError, error instanceof Error])
      }`
    expect(await runOnce(source)).toMatchObject({
      detail: '["p","PreUserRegistrationError","m","friendly",true,true]',
    })
  })
})

describe('the storage', () => {
  const count = hook(`
    context.webtask.storage.get((error, data) => {
      if (error) return cb(error)
      const next = (data || 0) + 1
      context.webtask.storage.set(next, (error) => cb(error, next))
    })`)

  test('outlives the run and the process', async () => {
    await using script = await scripted(count, { with: { reuse: false } })
    expect([await script.run(), await script.run()]).toMatchObject([{ detail: '1' }, { detail: '2' }])
  })

  test('refuses what was changed since it was read, and tells what is there', async () => {
    const source = hook(`
      const { storage } = context.webtask
      storage.get(() => storage.set({ by: 'one' }, { force: true }, () => storage.get(() => {
        storage.set({ by: 'two' }, { etag: null }, (error) => cb(null, [error.message, error.code, error.conflict]))
      })))`)
    expect(await runOnce(source)).toMatchObject({
      detail: '["Item was modified since it was read.",409,{"by":"one"}]',
    })
  })

  test('lets one of two runs at the same time win', async () => {
    await using script = await scripted(count)
    const outcomes = await Promise.all([script.run(), script.run(), script.run()])
    const last = await script.run()
    const wins = outcomes.filter((outcome) => outcome?.kind === 'delivered').length
    expect(last).toMatchObject({ detail: String(wins + 1) })
  })

  test('is written blindly only by force', async () => {
    expect(await runOnce(hook('context.webtask.storage.set(1, cb)'))).toMatchObject({
      kind: 'retry',
      message: expect.stringContaining('you must specify the .force option'),
    })
  })

  test('refuses what is too large with an error', async () => {
    const source = hook("context.webtask.storage.set('x'.repeat(500000), { force: true }, cb)")
    expect(await runOnce(source)).toMatchObject({
      kind: 'retry',
      message: expect.stringContaining('at most 400000'),
    })
  })

  test('throws in its callback as anything that throws later', async () => {
    const source = hook("context.webtask.storage.get(() => { throw new Error('in the callback') })")
    expect(await runOnce(source)).toMatchObject({ kind: 'retry', message: 'the hook threw: in the callback' })
  })
})

describe('an Action', () => {
  const action = (body: string): string =>
    `exports.onExecutePostUserRegistration = async (event, api) => { ${body} }`

  test("gets Auth0's event, with the prefixed id, and its secrets", async () => {
    const outcome = await runOnce(
      action('console.log(JSON.stringify([event.user.user_id, event.secrets.KEY.length, event.tenant.id]))'),
      {
        with: { secrets: { KEY: 'abcdef' } },
      },
    )
    expect(printed(outcome)).toEqual(['log: ["auth0|5f7c8ec7c33c6c004bbafe82",6,"my-tenant"]'])
  })

  test('has a cache that answers at once and outlives the process', async () => {
    const source = action(`
      const record = api.cache.get('token')
      console.log(record ? record.value : 'none')
      console.log(api.cache.set('token', 'cached').type, api.cache.get('token').value, api.cache.delete('nothing').type)`)
    await using script = await scripted(source, { with: { reuse: false } })
    const outcomes = [await script.run(), await script.run()]
    expect(outcomes.map(printed)).toEqual([
      ['log: none', 'log: success cached error'],
      ['log: cached', 'log: success cached error'],
    ])
  })

  test.each(['api.user.setUserMetadata("a", 1)', 'api.access.deny("a", "b")'])(
    'that calls %s gets a TypeError, as at Auth0',
    async (call) => {
      expect(await runOnce(action(call))).toMatchObject({
        kind: 'retry',
        message: expect.stringContaining('Cannot read properties of undefined'),
      })
    },
  )

  test('that rejects, or uses what Node gives up, is told no more than what it did', async () => {
    const source = "module.exports = async (user, context, cb) => { new Buffer(1); throw new Error('no') }"
    expect(await runOnce(source)).toMatchObject({ kind: 'retry', output: undefined })
  })

  test('that rejects is tried again', async () => {
    expect(await runOnce(action("throw new Error('r')"))).toMatchObject({
      kind: 'retry',
      message: 'the hook threw: r',
    })
  })

  test('goes on after it has returned, until nothing is left', async () => {
    const outcome = await runOnce(action("setTimeout(() => console.log('done'), 5)"))
    expect(outcome).toEqual({ kind: 'delivered', output: 'log: done\n' })
  })
})

describe('after cb', () => {
  test('a request that is under way is finished', async () => {
    const { url, server, hits } = await listening()
    try {
      const outcome = await runOnce(
        hook(
          `cb(); require('http').get('${url}', (r) => r.resume().on('end', () => console.log(r.statusCode)))`,
        ),
      )
      expect(outcome).toEqual({ kind: 'delivered', output: 'log: 200\n' })
      expect(hits()).toBe(1)
    } finally {
      server.close()
    }
  })

  test('work that has no end is ended at the limit, delivered, with a note', async () => {
    const outcome = await runOnce(hook('cb(null, 1); setInterval(() => {}, 5)'), {
      with: { timeout: '50ms' },
    })
    expect(outcome).toEqual({
      kind: 'delivered',
      detail: '1',
      output: 'onsignup: it was still at work after 50ms and was ended\n',
    })
  })
})

describe('require', () => {
  test.each([
    ["require('node:path').posix.sep + require('path').posix.sep", '"//"'],
    ["require('./data.json').a", '1'],
    ["require('./lib/part').name", '"part"'],
    ["require('scoped-less@2.0.0/sub/file').deep", 'true'],
    ["require('@acme/kit@^1.2.0').kit", 'true'],
    ["require('es').default", '"es"'],
    ["require.resolve('scoped-less').endsWith('main.js')", 'true'],
    ['require.main === module && module.loaded', 'true'],
  ])('%s works', async (expression, detail) => {
    const files = {
      'hooks/data.json': '{ "a": 1 }',
      'hooks/lib/part.js': "exports.name = require('../name')",
      'hooks/name.js': "module.exports = 'part'",
      'hooks/package.json': '{ "dependencies": { "@acme/kit": "^1.2.0" } }',
      'hooks/node_modules/scoped-less/package.json': '{ "version": "2.0.0", "main": "./main.js" }',
      'hooks/node_modules/scoped-less/main.js': '',
      'hooks/node_modules/scoped-less/sub/file.js': 'exports.deep = true',
      'hooks/node_modules/@acme/kit/index.js': 'exports.kit = true',
      'hooks/node_modules/es/package.json': '{ "type": "module", "exports": "./index.js" }',
      'hooks/node_modules/es/index.js': "export default 'es'",
    }
    expect(await runOnce(hook(`cb(null, ${expression})`), { files })).toMatchObject({
      kind: 'delivered',
      detail,
    })
  })

  test('that comes first in the run and finds nothing parks the connector too', async () => {
    expect(await runOnce(hook("require('request')"))).toMatchObject({
      kind: 'misconfigured',
      code: 'hook_module_missing',
      message: expect.stringContaining('the module request is not installed'),
    })
  })

  test('that an installed package refuses is told so, since to install it again would not help', async () => {
    const files = {
      'hooks/node_modules/uuid/package.json': '{ "version": "8.3.2", "exports": { ".": "./index.js" } }',
    }
    expect(await runOnce(hook("require('uuid/v4')"), { files })).toMatchObject({
      kind: 'misconfigured',
      code: 'hook_module_missing',
      message: expect.stringContaining('uuid does not let uuid/v4 be required'),
      mend: 'take a version that can be required',
    })
  })

  test('reads a file that was changed again at the next run', async () => {
    await using script = await scripted(hook("cb(null, require('./value'))"), {
      files: { 'hooks/value.js': 'module.exports = 1' },
    })
    const first = await script.run()
    await script.write('hooks/value.js', 'module.exports = "two"')
    expect([first, await script.run()]).toMatchObject([{ detail: '1' }, { detail: '"two"' }])
  })
})

describe('the console', () => {
  test('is kept with its levels, and so is what is written to the standard output', async () => {
    const source = hook(`
      console.log('a %s', 'b', { c: 1 }); console.warn('two\\nlines'); console.error(new Error('e').message)
      console.info('i'); console.debug('d'); process.stdout.write('out'); process.stderr.write('err\\n'); cb()`)
    expect(printed(await runOnce(source))).toEqual([
      'log: a b { c: 1 }',
      'warn: two',
      'warn: lines',
      'error: e',
      'info: i',
      'debug: d',
      'stdout: out',
      'stderr: err',
    ])
  })

  test('loses its secrets, however they are spelt', async () => {
    const source = hook(`
      const { KEY } = context.webtask.secrets
      console.log(KEY, JSON.stringify(context), encodeURIComponent(KEY), Buffer.from(KEY).toString('base64')); cb()`)
    const outcome = await runOnce(source, { with: { secrets: { KEY: 'geheim/"ä"+1' } } })
    expect(outcome?.output).toContain('[secret]')
    expect(outcome?.output).not.toMatch(/geheim|%22|Z2VoZWlt/)
  })

  test.each(["'x'.repeat(63990) + KEY.repeat(10)", 'KEY.repeat(1000)'])(
    'is cut where it is too long, without a part of a secret: %s',
    async (text) => {
      const source = hook(`const { KEY } = context.webtask.secrets; console.log(${text}); cb()`)
      const { output = '' } =
        (await runOnce(source, { with: { secrets: { KEY: 'S3CRET'.repeat(20) } } })) ?? {}
      expect(output.length).toBeLessThan(64_100)
      expect(output.endsWith('\n… cut\n')).toBe(true)
      expect(output).not.toContain('S3CRET')
    },
  )

  test('of a run that died is kept up to there', async () => {
    expect(await runOnce(hook("console.log('before'); process.exit(3)"))).toMatchObject({
      output: 'log: before\n',
    })
  })
})
