import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadConfiguration } from '@onsignup/config'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BUILT_IN, resolvePlugin } from './plugins.ts'
import { resolveSource } from './sources.ts'

const run = promisify(execFile)

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onsignup-plugins-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const write = async (files: Record<string, string>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}

const PROGRAM = `
const { resolvePlugin } = await import(${JSON.stringify(new URL('plugins.ts', import.meta.url).href)})
const answerOf = (usable) => typeof usable === 'function' ? usable({}, {}) : usable.name
try {
  const usable = await resolvePlugin(process.argv[1], process.argv[2])
  console.log(JSON.stringify({ found: await answerOf(usable) }))
} catch ({ name, code, message, mend }) {
  console.log(JSON.stringify({ name, code, message, mend }))
}`

/** In a Node of its own: the test runner loads modules in its own way, and the hooks are Node's. */
const resolveIn = async (uses: string): Promise<{ answer: unknown; warnings: string }> => {
  const args = ['--input-type=module', '--eval', PROGRAM, uses, folder]
  const { stdout, stderr } = await run(process.execPath, args)
  return { answer: JSON.parse(stdout), warnings: stderr }
}

const HELLO = `import { definePlugin } from '@onsignup/core'
import { sampleEvent } from '@onsignup/core/testing'
import { z } from 'zod'
import { greeting } from './greeting.ts'

export default definePlugin({
  name: \`hello \${typeof sampleEvent}\`,
  options: z.object({ greeting: z.string().default(greeting) }),
  connect: ({ greeting }) => ({
    postUserRegistration: ({ user }) => console.log(greeting, user.email),
  }),
})
`
const GREETING = `export const greeting: string = 'hello'\n`

describe('a file of the user', () => {
  test('loads with no package.json beside it, and Node warns of nothing', async () => {
    await write({ 'hello.ts': HELLO, 'greeting.ts': GREETING })
    expect(await resolveIn('./hello.ts')).toEqual({ answer: { found: 'hello function' }, warnings: '' })
  })

  test('loads with a CommonJS package.json beside it', async () => {
    await write({ 'hello.ts': HELLO, 'greeting.ts': GREETING, 'package.json': '{ "type": "commonjs" }' })
    expect(await resolveIn('./hello.ts')).toEqual({ answer: { found: 'hello function' }, warnings: '' })
  })

  test('loads with a package.json that does not say what it is, and Node warns of nothing', async () => {
    await write({ 'hello.ts': HELLO, 'greeting.ts': GREETING, 'package.json': '{}' })
    expect(await resolveIn('./hello.ts')).toEqual({ answer: { found: 'hello function' }, warnings: '' })
  })

  test('gets our zod, not the one that is installed around it', async () => {
    await write({
      'hello.ts': HELLO,
      'greeting.ts': GREETING,
      'node_modules/zod/package.json': '{ "name": "zod", "version": "3.0.0", "main": "index.js" }',
      'node_modules/zod/index.js': 'throw new Error("an old zod")',
    })
    expect((await resolveIn('./hello.ts')).answer).toEqual({ found: 'hello function' })
  })

  test('may be JavaScript whose default export is a function', async () => {
    await write({
      'hooks/audit.js': `import { z } from 'zod'\nexport default async () => z.string().parse('x')\n`,
    })
    expect(await resolveIn('./hooks/audit.js')).toEqual({ answer: { found: 'x' }, warnings: '' })
  })

  test('may be CommonJS', async () => {
    await write({
      'package.json': '{ "type": "commonjs" }',
      'audit.js': `/*\nimport it once\n*/\nconst { z } = require('zod')\nmodule.exports = async () => z.string().parse('y')\n`,
    })
    expect((await resolveIn('./audit.js')).answer).toEqual({ found: 'y' })
  })

  test('that is not there is named with its folder', async () => {
    expect((await resolveIn('./missing.ts')).answer).toMatchObject({
      code: 'plugin_unknown',
      message: `there is no file ./missing.ts in ${folder}`,
    })
  })

  test('that does not compile or lacks an import says so', async () => {
    await write({
      'broken.ts': 'export default (',
      'lacking.ts': `import 'no-such-package'\nexport default 1\n`,
    })
    expect((await resolveIn('./broken.ts')).answer).toMatchObject({ code: 'plugin_unloadable' })
    expect((await resolveIn('./lacking.ts')).answer).toMatchObject({
      code: 'plugin_unloadable',
      message: expect.stringContaining("Cannot find package 'no-such-package'"),
    })
  })

  test('that exports no plugin by default is told what to export', async () => {
    await write({ 'named.ts': `export const plugin = {}\n` })
    expect((await resolveIn('./named.ts')).answer).toMatchObject({
      name: 'PluginError',
      code: 'plugin_invalid',
      mend: expect.stringContaining('export default definePlugin'),
    })
  })

  test('named without ./ is told to begin with it', async () => {
    expect((await resolveIn('hello.ts')).answer).toMatchObject({ mend: 'write ./hello.ts' })
  })
})

describe('a package', () => {
  const manifest =
    '{ "name": "onsignup-sms", "type": "module", "exports": { ".": { "import": "./sms.js" } } }'

  test('is found from the folder of the configuration, and is content with our core', async () => {
    await write({
      'node_modules/onsignup-sms/package.json': manifest,
      'node_modules/onsignup-sms/sms.js': HELLO.replace(
        `import { greeting } from './greeting.ts'`,
        '',
      ).replace('default(greeting)', `default('x')`),
    })
    expect((await resolveIn('onsignup-sms')).answer).toEqual({ found: 'hello function' })
  })

  test('keeps the zod that it brings', async () => {
    const own = 'node_modules/onsignup-sms/node_modules/zod'
    await write({
      'node_modules/onsignup-sms/package.json': manifest,
      'node_modules/onsignup-sms/sms.js': `import { own } from 'zod'\nexport default () => own\n`,
      [`${own}/package.json`]: '{ "name": "zod", "type": "module", "exports": "./index.js" }',
      [`${own}/index.js`]: `export const own = 'its own'\n`,
    })
    expect((await resolveIn('onsignup-sms')).answer).toEqual({ found: 'its own' })
  })

  test('compiled to CommonJS gives the default export within its default export', async () => {
    await write({
      'node_modules/sms/package.json': '{ "name": "sms", "main": "index.js" }',
      'node_modules/sms/index.js': `exports.__esModule = true\nexports.default = () => 'inner'\n`,
    })
    expect((await resolveIn('sms')).answer).toEqual({ found: 'inner' })
  })

  test('that is not installed is unknown, and the nearest built-in name is its mend', async () => {
    expect((await resolveIn('slak')).answer).toMatchObject({
      code: 'plugin_unknown',
      message: 'there is no plugin slak',
      mend: 'write slack',
    })
    expect((await resolveIn('onsignup-sms')).answer).toMatchObject({
      code: 'plugin_unknown',
      mend: expect.stringContaining('slack, salesforce, email'),
    })
  })

  test('cannot be an address that would be run', async () => {
    expect((await resolveIn('data:text/javascript,export default () => 1')).answer).toMatchObject({
      code: 'plugin_unknown',
    })
  })
})

describe('a built-in name', () => {
  test.each([...BUILT_IN])('%s is a plugin of that name', async (name) => {
    expect((await resolveIn(name)).answer).toEqual({ found: name })
  })
})

const example = (name: string): string => fileURLToPath(new URL(`../../config/${name}`, import.meta.url))

describe('the example files', () => {
  test('sandbox.yaml needs nothing of the environment', async () => {
    const { server, connectors } = await loadConfiguration(example('sandbox.yaml'), {
      env: {},
      resolvePlugin,
      resolveSource,
    })
    expect(server).toMatchObject({ port: 8080, host: '127.0.0.1' })
    expect(connectors.map(({ uses }) => uses)).toEqual(['slack', 'salesforce', 'email'])
  })

  test('onsignup.yaml needs the variables that it names, and no more', async () => {
    const env = {
      ONSIGNUP_TOKEN: 'token-of-callers',
      SLACK_BOT_TOKEN: 'xoxb-1-2-three',
      SF_LOGIN_URL: 'https://acme.my.salesforce.com',
      SF_CLIENT_ID: 'client',
      SF_CLIENT_SECRET: 'client-secret',
      SMTP_SERVER: 'smtp://smtp.acme.com:587',
      SMTP_USER: 'hello',
      SMTP_PASSWORD: 'smtp-password',
      MAIL_FROM: 'Acme <hello@acme.com>',
    }
    const { secrets } = await loadConfiguration(example('onsignup.yaml'), {
      env,
      resolvePlugin,
      resolveSource,
    })
    expect(secrets.toSorted()).toEqual([
      'client-secret',
      'smtp-password',
      'token-of-callers',
      'xoxb-1-2-three',
    ])
    const without = loadConfiguration(example('onsignup.yaml'), { env: {}, resolvePlugin, resolveSource })
    await expect(without).rejects.toMatchObject({ findings: { length: Object.keys(env).length } })
  })
})
