import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createFolder } from '../support/folder.ts'
import { callProgram, ROOT } from '../support/program.ts'

const ran = z.object({
  script: z.string(),
  kind: z.string(),
  outcome: z.string(),
  code: z.string().optional(),
  message: z.string().optional(),
  mend: z.string().optional(),
  response: z.string().optional(),
  output: z.array(z.string()),
  ms: z.number(),
})

/** Auth0's own sample, as far as the test looks into it. */
const sample = z.object({
  user: z.looseObject({ phoneNumber: z.string(), phoneNumberVerified: z.boolean() }),
  context: z.looseObject({}),
})

interface Files {
  readonly [name: string]: string
}

/** Runs a script of a folder of its own; `files` lie beside it. */
const run = async (script: string, args: readonly string[] = [], files: Files = {}) => {
  await using folder = await createFolder()
  const file = await folder.write('script.js', script)
  for (const [name, text] of Object.entries(files)) await folder.write(name, text)
  // `@` is the folder.
  const given = args.map((arg) => arg.replace('@', folder.path))
  const said = await callProgram(['run', file, '-c', folder.at('onsignup.yaml'), ...given])
  return { ...said, file }
}

const runJson = async (...args: Parameters<typeof run>) => {
  const said = await run(...args)
  const [line] = z.array(ran).parse(said.json())
  return { code: said.code, ran: line }
}

describe('run', () => {
  test('prints what the script printed, its response, and how it ended', async () => {
    const { code, stdout, stderr } = await run(
      'module.exports = (user, context, cb) => { console.log(user.email); console.error("oh"); cb(null, { id: 1 }) }',
    )
    expect(stdout.replace(/\d+ ms/, '1 ms')).toBe(
      '| log: user1@foo.com\n| error: oh\nresponse {"id":1}\ndelivered after 1 ms\n',
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test('gives a Hook the event of Auth0’s editor', async () => {
    const { ran } = await runJson(
      'module.exports = ({ id, ...user }, { webtask, ...context }, cb) => cb(null, { user, context })',
      ['--json'],
    )
    const { user, context } = sample.parse(
      JSON.parse(await readFile(join(ROOT, 'config/registration.json'), 'utf8')),
    )
    const { phoneNumber: phone, phoneNumberVerified: phoneVerified } = user
    expect(JSON.parse(ran?.response ?? '')).toEqual({ user: { ...user, phone, phoneVerified }, context })
  })

  test('gives an Action a user of the same kind, or the event of a file, in each of its forms', async () => {
    const action =
      'exports.onExecutePostUserRegistration = async ({ user, connection, tenant }) => console.log(user.user_id, user.email_verified, connection.name, tenant.id)'
    const printed = async (...args: Parameters<typeof runJson>) => (await runJson(...args)).ran?.output
    expect(await printed(action, ['--json'])).toEqual([
      'log: auth0|5f7c8ec7c33c6c004bbafe82 true Username-Password-Authentication my-tenant',
    ])
    const ofAction = {
      user: { user_id: 'auth0|1', email_verified: false },
      connection: { name: 'c' },
      tenant: { id: 't' },
    }
    const ofHook = {
      user: { id: 'auth0|1', emailVerified: false, tenant: 't' },
      context: { connection: { name: 'c' } },
    }
    for (const event of [ofAction, ofHook]) {
      const files = { 'event.json': JSON.stringify(event) }
      expect(await printed(action, ['--json', '--event', '@/event.json'], files)).toEqual([
        'log: auth0|1 false c t',
      ])
    }
  })

  test('takes secrets from the command line and from a file, and shows none', async () => {
    const script =
      'module.exports = (user, { webtask: { secrets } }, cb) => { console.log(secrets.A, secrets.B === "of=the=file", Object.keys(secrets)); cb() }'
    const files = { 'secrets.env': 'A=of-the-file\nB="of=the=file"\n' }
    const { stdout } = await run(
      script,
      ['--secret', 'A=the-secret-a', '--secrets-file', '@/secrets.env'],
      files,
    )
    expect(stdout).toContain("| log: [secret] true [ 'A', 'B' ]")
    expect(stdout).not.toMatch(/the-secret-a|of-the-file|of=the=file/)
  })

  test.each([
    [
      'module.exports = (user, context, cb) => cb("no")',
      { outcome: 'retry', message: 'the hook failed: no' },
    ],
    [
      'module.exports = (user, context, cb) => { throw new TypeError("t") }',
      { outcome: 'retry', message: 'the hook threw: t' },
    ],
    [
      'module.exports = (user, context, cb) => setInterval(() => {}, 1_000)',
      { outcome: 'unknown', code: 'hook_timeout' },
    ],
    ['module.exports = {}', { outcome: 'misconfigured', code: 'hook_no_function' }],
    [
      'require("not-there"); module.exports = () => {}',
      {
        outcome: 'misconfigured',
        code: 'hook_module_missing',
        message: expect.stringContaining('the module not-there is not installed'),
      },
    ],
  ])('exits 1 when it is not delivered: %.60s', async (script, expected) => {
    const { code, ran } = await runJson(script, ['--json', '--timeout', '1s'])
    expect(ran).toMatchObject(expected)
    expect(code).toBe(1)
  })

  test('tells an error that comes after the callback, and stays delivered', async () => {
    const script =
      'module.exports = (user, context, cb) => { cb(); setTimeout(() => { throw new Error("late") }, 5) }'
    const { code, ran } = await runJson(script, ['--json'])
    expect(ran).toMatchObject({
      outcome: 'delivered',
      output: ['onsignup: it failed after it had ended: late'],
    })
    expect(code).toBe(0)
  })

  test.each([
    [
      'a Hook',
      'module.exports = (user, context, cb) => {\n const { KEY, GIVEN, OF_FILE } = context.webtask.secrets\n cb(null, String(KEY)) }',
    ],
    [
      'an Action',
      'exports.onExecutePostUserRegistration = async ({ secrets }) => {\n console.log(secrets.KEY, secrets.GIVEN, secrets.OF_FILE) }',
    ],
  ])('names the secrets that %s reads and is not given, and runs it', async (_, script) => {
    const { code, stdout, stderr, file } = await run(
      script,
      ['--json', '--secret', 'GIVEN=long-enough', '--secrets-file', '@/secrets.env'],
      { 'secrets.env': 'OF_FILE=\n' },
    )
    expect(stderr).toBe(`${file}:2: the secret KEY is not given → add: --secret KEY=VALUE\n`)
    expect(stdout).toContain('undefined')
    expect(code).toBe(0)
  })

  test('finds the versions that the configuration has for the script, and needs no secret of it', async () => {
    const { ran } = await runJson(
      'module.exports = (user, context, cb) => cb(null, require("x"))',
      ['--json'],
      {
        'onsignup.yaml':
          'connectors:\n  a:\n    uses: auth0-hook\n    with: { script: ./script.js, dependencies: { x: 1.0.0 }, secrets: { A: "${NOT_SET}" } }\n',
        'node_modules/x/package.json': '{ "version": "2.0.0", "main": "index.js" }',
        'node_modules/x/index.js': 'module.exports = "another"',
        'node_modules/x-1.0.0/package.json': '{ "version": "1.0.0", "main": "index.js" }',
        'node_modules/x-1.0.0/index.js': 'module.exports = "the one"',
      },
    )
    expect(ran).toMatchObject({ outcome: 'delivered', response: '"the one"' })
  })

  test('gives the script the global configuration if the configuration says so, with the secrets that are named', async () => {
    const script = 'module.exports = (user, context, cb) => cb(null, configuration)'
    const yaml = (more: string) =>
      `connectors: { a: { uses: auth0-hook, with: { script: ./script.js, secrets: { A: real }${more} } } }\n`
    const args = ['--json', '--secret', 'A=tried']
    const { ran } = await runJson(script, args, { 'onsignup.yaml': yaml(', configuration: true') })
    expect(ran).toMatchObject({ outcome: 'delivered', response: '{"A":"[secret]"}' })
    const without = await runJson(script, args, { 'onsignup.yaml': yaml('') })
    expect(without.ran?.message).toContain('configuration is not defined')
  })

  test('imports ES modules of the version that is asked for', async () => {
    const script =
      'module.exports = (user, context, cb) => import("esm@2.0.0").then(({ version }) => cb(null, { version }), cb)'
    const { ran } = await runJson(script, ['--json'], {
      'node_modules/esm/package.json':
        '{ "version": "1.0.0", "type": "module", "exports": { "import": "./index.js" } }',
      'node_modules/esm/index.js': 'export const version = "another"',
      'node_modules/esm-2.0.0/package.json':
        '{ "version": "2.0.0", "type": "module", "exports": { "import": "./index.js" } }',
      'node_modules/esm-2.0.0/index.js': 'export const version = "the one"',
    })
    expect(ran).toMatchObject({ outcome: 'delivered', response: '{"version":"the one"}' })
  })

  test.each([
    [['--secret', 'very-secret'], 'a --secret has no name'],
    [['--secrets-file', '@/none.env'], 'cannot read file'],
    [['--event', '@/none.json'], 'there is no file'],
    [['--event', '@/two.json'], 'has 2 events'],
    [['--event', '@/empty.json'], 'not a registration'],
    [['--timeout', 'soon'], 'with.timeout'],
    [['--network', 'maybe'], 'maybe'],
  ])('exits 2 for %j', async (args, words) => {
    const files = { 'two.json': '[{},{}]', 'empty.json': '{ "user": {} }' }
    const { code, stderr } = await run('module.exports = () => {}', args, files)
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('very-secret')
    expect(code).toBe(2)
  })
})

describe('run --network off', () => {
  const ways = {
    fetch: 'fetch(url).then(open, done)',
    http: 'require("http").get(url, open).on("error", done)',
    https: 'require("https").get(url.replace("http", "https"), open).on("error", done)',
    tls: 'require("tls").connect({ host: "127.0.0.1", port: new URL(url).port }, open).on("error", done)',
    net: 'require("net").connect(new URL(url).port, "127.0.0.1", open).on("error", done)',
    'a socket of one’s own':
      'new (require("net").Socket)().connect({ port: new URL(url).port }, open).on("error", done)',
    'a unix socket': 'require("net").connect("/nowhere.sock").on("error", done)',
    WebSocket: 'const w = new WebSocket(url); w.onerror = done; w.onopen = open',
    UDP: 'require("dgram").createSocket("udp4").send("x", 53, "127.0.0.1", done)',
    'dns.lookup': 'require("dns").lookup("localhost", (error) => (error ? done(error) : open()))',
    'dns.promises': 'require("dns/promises").resolve4("localhost").then(open, done)',
    'import of dns':
      'import("node:dns").then(({ lookup }) => lookup("localhost", (e) => (e ? done(e) : open())))',
  }

  test.each(Object.entries(ways))('lets no connection out by %s, and says so', async (_way, code) => {
    let connections = 0
    await using server = createServer((_request, response) => response.end()).on(
      'connection',
      () => (connections += 1),
    )
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
    const script = `module.exports = (user, context, cb) => {
      const url = context.webtask.secrets.URL
      const open = () => cb(new Error('it is open'))
      const done = (error) => cb(null, { code: error.code ?? error.cause?.code ?? error.error?.code ?? 'none' })
      ${code}
    }`
    const { ran } = await runJson(script, ['--json', '--network', 'off', '--secret', `URL=${url}`])
    expect(ran?.outcome).toBe('delivered')
    expect(ran?.output.join('\n')).toContain('the network is off')
    expect(connections).toBe(0)
  })

  test('is not what happens without it', async () => {
    const script =
      'module.exports = (user, context, cb) => require("dns").lookup("localhost", (error) => cb(error))'
    expect((await runJson(script, ['--json'])).ran).toMatchObject({ outcome: 'delivered', output: [] })
  })
})
