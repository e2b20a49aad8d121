import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectPlugin, pluginCases, sampleEvent, testRun } from '@onsignup/core/testing'
import { afterAll, describe, expect, test } from 'vitest'
import plugin from './index.ts'
import { scripted } from './test-support.ts'

const HOOK = "module.exports = (user, context, cb) => cb(null, 'done')"
const ACTION = 'exports.onExecutePostUserRegistration = async (event, api) => {}'

const folder = await mkdtemp(join(tmpdir(), 'auth0-hook-'))
await writeFile(join(folder, 'hook.js'), HOOK)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the plugin', () => {
  const options = { script: join(folder, 'hook.js'), secrets: { TOKEN: 'a/very#secret?token' } }
  for (const { name, run } of pluginCases(plugin, { with: options })) test(name, run)
})

describe('options', () => {
  test.each([
    [{ script: '' }, 'with.script'],
    [{ timeout: '0s' }, 'write a duration longer than 0'],
    [{ timeout: '1h' }, 'a script may run for 15m at most'],
    [{ memory: '128' }, 'write a size'],
    [{ memory: '1MB' }, 'Node needs at least 16MB'],
    [{ secrets: { A: 1 } }, 'with.secrets.A'],
    [{ permissions: 'none' }, 'with.permissions'],
  ])('%j are refused', async (options, message) => {
    await expect(connectPlugin(plugin, { script: join(folder, 'hook.js'), ...options })).rejects.toThrow(
      message,
    )
  })

  test('a script that is not there is named', async () => {
    await expect(connectPlugin(plugin, { script: join(folder, 'nothing.js') })).rejects.toThrow('nothing.js')
  })

  test.each([
    ["import x from 'x'", /Cannot use import statement.*hook\.js:1/s],
    ['module.exports = 1 }) (function () {', /does not parse/],
    ['\n\nconst a = ;', /hook\.js:3/],
  ])('a script that does not parse is refused with the line: %s', async (source, message) => {
    await expect(scripted(source)).rejects.toThrow(message)
  })
})

describe('check', () => {
  const check = async (source: string, run = {}, options = {}) => {
    await using script = await scripted(source, { with: options })
    return await script.connector.check?.(testRun({ deadline: new Date(Date.now() + 960_000), ...run }))
  }

  test('tells a Hook from an Action, and runs neither', async () => {
    const effect = `require('fs').writeFileSync(__dirname + '/ran', '')\n${HOOK}`
    expect(await check(effect)).toMatchObject([
      { state: 'proved', what: './hooks/hook.js parses' },
      { state: 'proved', what: expect.stringContaining('a Hook') },
      { state: 'unproved' },
    ])
    expect(await check(ACTION)).toMatchObject([{}, { what: expect.stringContaining('an Action') }, {}])
  })

  test('fails for what exports neither', async () => {
    expect(await check('function run() {}')).toMatchObject([
      {},
      { state: 'failed', mend: expect.any(String) },
      {},
    ])
  })

  test("finds a connector's timeout that ends a run before its own", async () => {
    const findings = await check(HOOK, { deadline: new Date(Date.now() + 10_000) }, { timeout: '1m' })
    expect(findings?.at(-1)).toMatchObject({
      state: 'unproved',
      what: expect.stringContaining('ends it before'),
    })
  })

  test('fails when the script has been broken or taken away', async () => {
    await using script = await scripted(HOOK)
    await script.write('hooks/hook.js', 'module.exports = (')
    expect(await script.connector.check?.(testRun())).toMatchObject([
      { state: 'failed', what: expect.stringContaining('parse') },
    ])
    await rm(join(script.folder, 'hooks'), { recursive: true })
    expect(await script.connector.check?.(testRun())).toMatchObject([
      { state: 'failed', what: expect.stringContaining('read') },
    ])
  })
})

test('a script that was broken while the service runs parks the connector', async () => {
  await using script = await scripted(HOOK)
  await script.write('hooks/hook.js', '\nmodule.exports = (')
  expect(await script.run()).toMatchObject({
    kind: 'misconfigured',
    code: 'hook_invalid',
    message: expect.stringMatching(/does not parse: .*hook\.js:/),
  })
})

describe('preview', () => {
  test('of a Hook is what it would be called with, without secrets', async () => {
    await using script = await scripted(HOOK, { with: { secrets: { KEY: 'abcdef' } } })
    const preview = await script.connector.preview?.(sampleEvent(), { idempotencyKey: 'key-1' })
    expect(preview?.title).toBe('./hooks/hook.js: (user, context, cb)')
    expect(JSON.parse(preview?.body ?? '')).toMatchObject({
      user: { email: 'user1@foo.com' },
      context: { webtask: { id: 'key-1', secrets: { KEY: '[secret]' }, meta: { 'hook-name': 'legacy' } } },
    })
  })

  test('of an Action is its event', async () => {
    await using script = await scripted(ACTION)
    const preview = await script.connector.preview?.(sampleEvent(), { idempotencyKey: 'key-1' })
    expect(JSON.parse(preview?.body ?? '')).toMatchObject({
      event: { user: { user_id: expect.stringContaining('auth0|') } },
    })
  })
})
