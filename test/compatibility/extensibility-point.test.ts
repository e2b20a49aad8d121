import { join } from 'node:path'
import compilers from 'auth0-ext-compilers'
import nodejsCompiler from 'auth0-ext-compilers/test/nodejsCompiler.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import runtime from 'webtask-runtime'
import { z } from 'zod'
import { createFolder, type Folder } from '../support/folder.ts'
import { runNode, startListening, type Service } from '../support/program.ts'
import { startWithSources } from '../support/sources.ts'

// https://www.npmjs.com/package/auth0-ext-compilers 6.1.0 and webtask-runtime 1.7.1, the reference of Auth0's Hooks.

const TOKEN = 'foo'

/** Of scripts. */
let folder: Folder
let service: Awaited<ReturnType<typeof startWithSources>>

beforeAll(async () => {
  folder = await createFolder()
  service = await startWithSources(
    `auth0: { token: ${TOKEN} }`,
    `v5: { uses: auth0, token: ${TOKEN}, hook_protocol: v5 }`,
  )
})

afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe("the reference's own tests", () => {
  const lines = z.array(z.object({ title: z.string(), error: z.string().nullable() }))

  const runAll = async (env: Readonly<Record<string, string>>): Promise<z.infer<typeof lines>> => {
    const { code, stderr, json } = await runNode([join(import.meta.dirname, 'run-reference-tests.ts')], {
      cwd: folder.path,
      env,
    })
    if (code !== 0) throw new Error(stderr)
    return lines.parse(json())
  }

  const TITLES = [
    // What the reference made of a script, and nothing of ours.
    'compiles to a function with 3 arguments',
    'success for no-op callback',
    'success when setting app_metadata and user_metadata',
    'rejects calls with invalid payload',
    'rejects calls with invalid payload (bad user)',
    'rejects calls with invalid payload (bad context)',
    'rejects calls with invalid payload (bad connection)',
    'rejects calls without authorization secret',
    'rejects calls with wrong authorization secret',
    'provides a custom error object',
  ]

  // No script has run when the service answers.
  const OF_A_SCRIPT = [
    'success when setting app_metadata and user_metadata',
    'provides a custom error object',
  ]

  test('all pass over HTTP where the point is of their script', async () => {
    const passed = TITLES.map((title) => ({ title, error: null }))
    expect(await runAll({})).toEqual(passed)
  })

  test('pass over HTTP at the point of a service, but for what a script answers', async () => {
    const ran = await runAll({ POINT: `${service.url}/auth0/post-user-registration` })
    const failed = ran.flatMap(({ title, error }) => (error === null ? [] : [title]))
    expect(ran.map(({ title }) => title)).toEqual(TITLES)
    expect(failed).toEqual(OF_A_SCRIPT)
  })
})

interface Answered {
  readonly status: number
  readonly type: string | null
  readonly body: unknown
}

/** The stack differs in its frames, which ours leaves out. */
const shown = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) =>
    key === 'stack' && typeof value === 'string' ? value.split('\n')[0] : value,
  )

const NO_OP = 'module.exports = function (user, context, cb) { cb(); };'

const referenceAnswer = (payload: string, authorization: string, script = NO_OP): Promise<Answered> =>
  new Promise((resolve, reject) => {
    compilers['post-user-registration']?.({ nodejsCompiler, script }, (error, compiled) => {
      if (error) return reject(error)
      runtime.simulate(
        compiled,
        {
          method: 'POST',
          headers: { authorization, 'Content-Type': 'application/json' },
          payload,
          secrets: { 'auth0-extension-secret': TOKEN },
          parseBody: true,
        },
        ({ statusCode, headers, payload: body }) =>
          resolve({ status: statusCode, type: headers['content-type'] ?? null, body: shown(body) }),
      )
    })
  })

const callAt = async (url: string, body: string, authorization: string): Promise<Answered> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'Content-Type': 'application/json' },
    body,
  })
  const type = response.headers.get('Content-Type')
  return { status: response.status, type, body: shown(await response.text()) }
}

const call = (path: string, body: string, authorization = `Bearer ${TOKEN}`): Promise<Answered> =>
  callAt(`${service.url}${path}`, body, authorization)

const WHOLE = '{"user":{"email":"ada@example.com"},"context":{"connection":{}}}'

describe('the point answers as the reference does', () => {
  test.each([
    WHOLE,
    '{"user":{},"context":{"connection":{}}}',
    '{"user":[],"context":{"connection":[]}}',
    '{"user":{},"context":[]}',
    '{"user":{},"context":{}}',
    '{"user":{},"context":{"connection":null}}',
    '{"user":{}}',
    '{"user":null}',
    '{"user":5}',
    '{}',
    '[]',
    'null',
    '5',
    '"no good"',
    '{"user":',
    '',
    '{"user":{"__proto__":{"id":1}},"context":{"connection":{}}}',
  ])('to %s', async (body) => {
    const ours = await call('/auth0/post-user-registration', body)
    expect(ours).toEqual(await referenceAnswer(body, `Bearer ${TOKEN}`))
  })

  test.each(['bearer foo', 'Bearer foo ', 'Bearer  foo', 'foo', 'Basic foo', 'Bearer foo bar', 'Bearer fo'])(
    'to Authorization: %s',
    async (authorization) => {
      const ours = await call('/auth0/post-user-registration', WHOLE, authorization)
      expect(ours).toEqual(await referenceAnswer(WHOLE, authorization))
    },
  )
})

/** What a script does with its callback, by a name that the user's e-mail address gives. */
const SAYINGS = {
  nothing: 'cb()',
  zero: 'cb(null, 0)',
  object: "cb(null, { a: 1, at: new Date(0), none: undefined, deep: { list: [1, null, 'two'] } })",
  text: "cb(null, 'str')",
  'third argument': 'cb(null, { first: true }, context)',
  circle: 'const circle = {}; circle.self = circle; cb(null, circle)',
  bigint: 'cb(null, { n: 1n })',
  function: 'cb(null, () => 1)',
  symbol: "cb(null, Symbol('s'))",
  'what throws when it becomes JSON': "cb(null, { toJSON() { throw new Error('no') } })",
  error: "cb(new Error('x'))",
  'error with properties':
    "cb(Object.assign(new Error('x'), { code: 'ENOENT', statusCode: 404, retry: true }))",
  'text as error': "cb('text')",
  'object as error': "cb({ message: 'm', code: 7 })",
  'object without a message as error': 'cb({})',
  'number as error': 'cb(7)',
  'user error': "cb(new ExtensibilityUserError('m'))",
  'user error with a friendly message': "cb(new PreUserRegistrationError('m', 'friendly'))",
  'user error without one': "cb(new PreUserRegistrationError('m'))",
  later: 'setTimeout(() => cb(null, { late: true }), 5)',
  'after a promise': 'Promise.resolve({ kept: true }).then((said) => cb(null, said))',
}

describe("a script's point", () => {
  const script = `const sayings = {
${Object.entries(SAYINGS)
  .map(([name, body]) => `  ${JSON.stringify(name)}(cb, context) { ${body} },`)
  .join('\n')}
}
module.exports = function (user, context, cb) { sayings[user.email](cb, context) }
`
  let point: Service

  beforeAll(async () => {
    await folder.write('sayings.js', script)
    point = await startListening(['run', './sayings.js', '--listen', '0', '--token', TOKEN], {
      cwd: folder.path,
    })
  })

  afterAll(async () => {
    point.kill('SIGTERM')
    await point.ended
  })

  test.each(Object.keys(SAYINGS))('answers as the reference does to %s', async (email) => {
    const body = JSON.stringify({ user: { email }, context: { connection: {} } })
    const authorization = `Bearer ${TOKEN}`
    const ours = await callAt(point.url, body, authorization)
    expect(ours).toEqual(await referenceAnswer(body, authorization, script))
  })
})

describe('protocol v5', () => {
  test('answers a success with the empty response itself', async () => {
    expect(await call('/v5/post-user-registration', WHOLE)).toMatchObject({ status: 200, body: {} })
  })

  test.each([
    ['[]', undefined, 'Body.user received by extensibility point is not an object'],
    [WHOLE, 'Bearer bar', 'Unauthorized extensibility point'],
  ])('answers an error with HTTP 500', async (body, authorization, message) => {
    expect(await call('/v5/post-user-registration', body, authorization)).toEqual({
      status: 500,
      type: 'application/json',
      body: { message, statusCode: 500, stack: `Error: ${message}` },
    })
  })
})
