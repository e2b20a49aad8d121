import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createFolder, type Folder } from '../support/folder.ts'
import { callProgram } from '../support/program.ts'
import { createApi, type Api, type Asked } from './api.ts'

// Scripts of our own, in the shapes that people have: what they require, how they call back, what they leave open.
const SCRIPTS = join(import.meta.dirname, 'scripts')

const ran = z.object({
  kind: z.string(),
  outcome: z.string(),
  message: z.string().optional(),
  response: z.string().optional(),
  output: z.array(z.string()),
})

interface Case {
  readonly secrets: (api: Api) => Readonly<Record<string, string>>
  readonly asked: readonly Partial<Asked>[]
  readonly ran: Partial<z.infer<typeof ran>>
}

const toHost = ({ url }: Api) => ({ apihost: url })

const CASES: Readonly<Record<string, Case>> = {
  'slack-notify': {
    secrets: ({ url }) => ({ SLACK_HOOK: `${url}/slack` }),
    asked: [{ path: '/slack' }],
    ran: { kind: 'hook', outcome: 'delivered' },
  },
  'request-token': {
    secrets: ({ url }) => ({ apihost: url, client_id: 'an-id', client_secret: 'a-client-secret' }),
    asked: [
      { path: '/oauth/token' },
      {
        path: '/users',
        authorization: 'Bearer a-token',
        body: { userId: expect.stringMatching(/^auth0\|./), email: 'user1@foo.com', hobby: 'surfing' },
      },
    ],
    ran: {
      outcome: 'delivered',
      response: '{"id":"u1"}',
      output: expect.arrayContaining(['log: a user was created', 'log: answered 200']),
    },
  },
  'axios-versioned': {
    secrets: ({ url }) => ({ apihost: url, client_id: 'an-id', client_secret: 'a-client-secret' }),
    asked: [
      { path: '/oauth/token' },
      { path: '/users', body: { username: 'user1', email: 'user1@foo.com', versions: ['0.19', '4.17.21'] } },
    ],
    ran: { outcome: 'delivered', response: '{"added":true}' },
  },
  'http-builtin': {
    secrets: ({ port }) => ({ hostname: '127.0.0.1', port: String(port), apikey: 'a-key-of-the-api' }),
    asked: [
      { path: '/users', body: { email: 'user1@foo.com', hobby: 'surfing', userId: expect.any(String) } },
    ],
    ran: { outcome: 'delivered', response: '{"status":200}' },
  },
  'graphql-fetch': {
    secrets: ({ url }) => ({ apihost: url, secretKey: 'a-secret-key' }),
    asked: [
      {
        path: '/graphql',
        body: expect.objectContaining({
          variables: {
            secretKey: 'a-secret-key',
            user: { username: 'user1', email: 'user1@foo.com', authId: expect.any(String) },
          },
        }),
      },
    ],
    ran: { outcome: 'delivered', response: '{"data":{"createUser":{"id":"u1"}}}' },
  },
  'implicit-globals': {
    secrets: toHost,
    asked: [{ path: '/webhook', body: { token: 'token of user1', email: 'user1@foo.com' } }],
    ran: {
      outcome: 'delivered',
      response: '{"status":200}',
      output: expect.arrayContaining(['log: round 0', 'log: round 1']),
    },
  },
  jwt: {
    secrets: ({ url }) => ({ apihost: url, JWT_SECRET: 'the-secret-of-tokens' }),
    asked: [{ path: '/users', authorization: expect.stringMatching(/^Bearer eyJ/) }],
    ran: { outcome: 'delivered', response: '{"ok":true}' },
  },
  'early-callback': {
    secrets: toHost,
    asked: [
      { method: 'GET', path: '/users' },
      { path: '/users', body: { username: 'user1', role: 'Artist' } },
    ],
    ran: { outcome: 'delivered', output: expect.arrayContaining(['log: Created 200']) },
  },
  'bundle-webpack': {
    secrets: toHost,
    asked: [{ path: '/users', body: { email: 'user1@foo.com' } }],
    ran: { kind: 'hook', outcome: 'delivered', response: '{"status":200}' },
  },
  'error-text': {
    secrets: () => ({}),
    asked: [],
    ran: { outcome: 'retry', message: 'the hook failed: only for the plan free' },
  },
  'never-calls-back': {
    secrets: toHost,
    asked: [{ path: '/users' }],
    ran: { outcome: 'delivered', output: ['log: answered 200', 'onsignup: it ended without calling cb'] },
  },
  'action-fetch': {
    secrets: ({ url }) => ({ APP_URL: url, APP_SECRET: 'the-secret-of-the-app' }),
    asked: [
      {
        path: '/users',
        authorization: 'Bearer the-secret-of-the-app',
        body: { id: 'auth0|5f7c8ec7c33c6c004bbafe82', email: 'user1@foo.com' },
      },
    ],
    ran: { kind: 'action', outcome: 'delivered', output: ['log: synced u1'] },
  },
  'action-axios': {
    secrets: ({ url }) => ({ API_ENDPOINT: `${url}/users`, API_KEY: 'a-key-of-the-api' }),
    asked: [{ path: '/users', body: expect.objectContaining({ role: 'BAND' }) }],
    ran: { kind: 'action', outcome: 'delivered' },
  },
  'action-cache': {
    secrets: ({ url }) => ({ DOMAIN: url, CLIENT_ID: 'an-id' }),
    asked: [
      { path: '/oauth/token' },
      { path: '/users', authorization: 'Bearer a-token', body: expect.objectContaining({ role: 'member' }) },
      { path: '/users', authorization: 'Bearer a-token', body: expect.objectContaining({ role: 'reader' }) },
    ],
    ran: { kind: 'action', outcome: 'delivered' },
  },
  'action-bundle': {
    secrets: ({ url }) => ({ APP_URL: url }),
    asked: [{ path: '/users', body: { email: 'user1@foo.com' } }],
    ran: { kind: 'action', outcome: 'delivered', output: ['log: answered 200'] },
  },
  'action-deny': {
    secrets: () => ({}),
    asked: [],
    ran: {
      kind: 'action',
      outcome: 'retry',
      message: expect.stringContaining("Cannot read properties of undefined (reading 'deny')"),
    },
  },
}

describe('scripts as people have them run unmodified', { timeout: 60_000 }, () => {
  let folder: Folder

  beforeAll(async () => {
    folder = await createFolder()
    await cp(SCRIPTS, folder.at('hooks'), { recursive: true })
    const connectors = Object.keys(CASES).map(
      (name) => `  ${name}:\n    uses: auth0-hook\n    with: { script: ./hooks/${name}.js }\n`,
    )
    await folder.write('onsignup.yaml', `store: ./onsignup.db\nconnectors:\n${connectors.join('')}`)
    // For all of them at once, as an operator would.
    const { code, stdout, stderr } = await callProgram([
      ...['hooks', 'install', '-c', folder.at('onsignup.yaml'), '--package-manager', 'npm'],
    ])
    if (code !== 0) throw new Error(`hooks install ended with ${code}: ${stdout}${stderr}`)
  }, 120_000)

  afterAll(async () => folder[Symbol.asyncDispose]())

  test.each(Object.entries(CASES))('%s', async (name, { secrets, asked, ran: expected }) => {
    await using api = await createApi()
    const given = Object.entries(secrets(api)).map(([key, value]) => `--secret=${key}=${value}`)
    const config = folder.at('onsignup.yaml')
    const { code, stdout, stderr, json } = await callProgram([
      ...['run', folder.at(`hooks/${name}.js`), '-c', config, '--json', ...given],
    ])
    expect(json(), stderr).toMatchObject([expected])
    expect(api.asked).toMatchObject(asked)
    expect(code).toBe(expected.outcome === 'delivered' ? 0 : 1)
    for (const value of Object.values(secrets(api)).filter((value) => value.includes('secret'))) {
      expect(stdout).not.toContain(value)
    }
  })
})
