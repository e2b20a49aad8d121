import { join } from 'node:path'
import compilers from 'auth0-ext-compilers'
import nodejsCompiler from 'auth0-ext-compilers/test/nodejsCompiler.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import runtime from 'webtask-runtime'
import { z } from 'zod'
import { createFolder, type Folder } from '../support/folder.ts'
import { runNode, startService, type Service } from '../support/program.ts'

// https://www.npmjs.com/package/auth0-ext-compilers 6.1.0 and webtask-runtime 1.7.1, the reference of Auth0's Hooks.

const TOKEN = 'foo'

let folder: Folder
let service: Service

beforeAll(async () => {
  folder = await createFolder()
  await folder.write('seen.ts', 'export default () => {}')
  await folder.write(
    'onsignup.yaml',
    `server: { port: 0 }
store: ./onsignup.db
sources:
  auth0: { token: ${TOKEN} }
  v5: { uses: auth0, token: ${TOKEN}, hook_protocol: v5 }
connectors: { seen: { uses: ./seen.ts } }
`,
  )
  service = await startService(['--log-level', 'silent'], { cwd: folder.path })
})

afterAll(async () => {
  service.kill('SIGKILL')
  await service.ended
  await folder[Symbol.asyncDispose]()
})

describe("the reference's own tests", () => {
  const lines = z.array(z.object({ suite: z.string(), title: z.string(), error: z.string().nullable() }))
  let ran: z.infer<typeof lines>

  beforeAll(async () => {
    const { code, stderr, json } = await runNode([join(import.meta.dirname, 'run-reference-tests.ts')], {
      cwd: import.meta.dirname,
      env: { POINT: `${service.url}/auth0/post-user-registration` },
    })
    if (code !== 0) throw new Error(stderr)
    ran = lines.parse(json())
  })

  const OF_THE_WIRE = [
    'user-registration: success for no-op callback',
    'user-registration: rejects calls with invalid payload',
    'user-registration: rejects calls with invalid payload (bad user)',
    'user-registration: rejects calls with invalid payload (bad context)',
    'user-registration: rejects calls with invalid payload (bad connection)',
    'user-registration: rejects calls without authorization secret',
    'user-registration: rejects calls with wrong authorization secret',
    'generic: rejects calls without authorization secret',
    'generic: rejects calls with wrong authorization secret',
  ]

  // A script answers them, and no script has run when this point answers.
  const OF_A_SCRIPT = [
    'user-registration: compiles to a function with 3 arguments',
    'user-registration: success when setting app_metadata and user_metadata',
    'user-registration: provides a custom error object',
    'generic: compiles to a function with 2 arguments',
    'generic: success getting, modifying, and returning body (unauthenticated)',
    'generic: success getting, modifying, and returning body (unauthenticated, pb!=1)',
    'generic: success getting, modifying, and returning body (authenticated)',
  ]

  test.each(OF_THE_WIRE)('pass over HTTP: %s', (name) => {
    const found = ran.filter(({ suite, title }) => `${suite}: ${title}` === name)
    expect(found.map(({ error }) => error)).toEqual([null])
  })

  test('are these and those of a script, and no others', () => {
    const names = ran.map(({ suite, title }) => `${suite}: ${title}`)
    expect(names.toSorted()).toEqual([...OF_THE_WIRE, ...OF_A_SCRIPT].toSorted())
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

const referenceAnswer = (payload: string, authorization: string): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const script = 'module.exports = function (user, context, cb) { cb(); };'
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

const call = async (path: string, body: string, authorization = `Bearer ${TOKEN}`): Promise<Answered> => {
  const response = await fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { authorization, 'Content-Type': 'application/json' },
    body,
  })
  const type = response.headers.get('Content-Type')
  return { status: response.status, type, body: shown(await response.text()) }
}

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
