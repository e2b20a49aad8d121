import { generateKeyPairSync, verify } from 'node:crypto'
import { inspect } from 'node:util'
import type { FailureKind } from '@onsignup/core'
import { connectPlugin, sampleEvent, testRun, testServices } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { scriptedServer, type Script } from '../test/scripted-server.ts'
import email from './index.ts'
import { TOKEN_CLASSES } from './oauth-classes.ts'

const token_url = 'https://oauth2.example/token'
const google = {
  token_url,
  client_id: 'app-1',
  client_secret: 'geheim-client#1',
  refresh_token: 'geheim-refresh#1',
}

const until = async (what: string, isSo: () => boolean): Promise<void> => {
  const end = Date.now() + 10_000
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`)
    await new Promise(setImmediate)
  }
}

interface Asked {
  readonly url: string
  readonly form: Readonly<Record<string, string>>
  readonly redirect: string | undefined
}

/** A token endpoint that answers in turn, the last for ever; a string is the body of a 200. */
const endpoint = (...answers: readonly (object | (() => Response | Promise<Response>))[]) => {
  const asked: Asked[] = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    asked.push({
      url: String(url instanceof Request ? url.url : url),
      form: Object.fromEntries(new URLSearchParams(String(init?.body))),
      redirect: init?.redirect,
    })
    const answer = answers[Math.min(asked.length, answers.length) - 1]
    return typeof answer === 'function' ? answer() : Response.json(answer)
  }
  return { asked, fetch }
}

const good = { access_token: 'geheim-token#1', expires_in: 3_600, token_type: 'Bearer' }

/** How the token goes over the wire: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol */
const xoauth2 = (token: string): string =>
  `AUTH XOAUTH2 ${Buffer.from(`user=hello@acme.com\x01auth=Bearer ${token}\x01\x01`).toString('base64')}`

const wants: Script = { ehlo: '250-scripted.example\r\n250 AUTH XOAUTH2 PLAIN' }

const connect = (
  server: string,
  fetch: typeof globalThis.fetch,
  options: object = {},
  clock = testServices().clock,
) =>
  connectPlugin(
    email,
    { server, from: 'hello@acme.com', user: 'hello@acme.com', oauth: google, ...options },
    testServices({ fetch, clock, files: { read: async () => JSON.stringify(account) } }),
  )

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const account = {
  type: 'service_account',
  client_email: 'mailer@project.iam.gserviceaccount.com',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  token_uri: 'https://oauth2.googleapis.com/token',
}

describe('a login with a token', () => {
  test('is XOAUTH2, with one token for all connections', async () => {
    await using server = await scriptedServer({ ...wants, dot: '250 2.0.0 queued' })
    const { asked, fetch } = endpoint(async () => {
      // All three are there and want it before it comes.
      const isThere = () => server.commands.filter((command) => command.startsWith('EHLO')).length === 3
      await until('all have greeted', isThere)
      return Response.json(good)
    })
    const connector = await connect(server.url, fetch)
    const send = (key: string) =>
      connector.postUserRegistration?.(sampleEvent(), testRun({ idempotencyKey: key }))
    const outcomes = await Promise.all(['a', 'b', 'c'].map(send))
    await connector.close?.()
    expect(outcomes.map((outcome) => outcome && outcome.kind)).toEqual([
      'delivered',
      'delivered',
      'delivered',
    ])
    expect(server.connections()).toBe(3)
    expect(new Set(server.commands.filter((command) => command.startsWith('AUTH')))).toEqual(
      new Set([xoauth2('geheim-token#1')]),
    )
    expect(asked).toEqual([
      {
        url: token_url,
        redirect: 'manual',
        form: {
          grant_type: 'refresh_token',
          client_id: 'app-1',
          client_secret: 'geheim-client#1',
          refresh_token: 'geheim-refresh#1',
        },
      },
    ])
  })

  test('of an app at Microsoft is by client credentials', async () => {
    await using server = await scriptedServer(wants)
    const { asked, fetch } = endpoint(good)
    const { refresh_token: _, ...app } = google
    const connector = await connect(server.url, fetch, { oauth: app })
    expect(await connector.postUserRegistration?.(sampleEvent(), testRun())).toMatchObject({
      kind: 'delivered',
    })
    await connector.close?.()
    expect(asked[0]?.form).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app-1',
      client_secret: 'geheim-client#1',
      scope: 'https://outlook.office365.com/.default',
    })
  })

  test('of a Google service account is by an assertion that its key signed, for the user', async () => {
    await using server = await scriptedServer(wants)
    const { asked, fetch } = endpoint(good)
    const now = Date.parse('2026-01-02T03:04:05Z')
    const clock = { ...testServices().clock, now: () => now }
    const connector = await connect(server.url, fetch, { oauth: { service_account_file: './a.json' } }, clock)
    expect(await connector.postUserRegistration?.(sampleEvent(), testRun())).toMatchObject({
      kind: 'delivered',
    })
    await connector.close?.()
    const [request] = asked
    expect(request).toMatchObject({
      url: account.token_uri,
      form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' },
    })
    const [head = '', claims = '', signature = ''] = (request?.form['assertion'] ?? '').split('.')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      iss: account.client_email,
      sub: 'hello@acme.com',
      scope: 'https://mail.google.com/',
      aud: account.token_uri,
      iat: now / 1_000,
      exp: now / 1_000 + 300,
    })
    const signed = Buffer.from(`${head}.${claims}`)
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  test('takes a new token before the old one expires, and the newest refresh token with it', async () => {
    await using server = await scriptedServer((connection) => ({
      ...wants,
      dot: connection === 0 ? '421 4.0.0 bye' : '250 ok',
    }))
    const { asked, fetch } = endpoint(
      { ...good, refresh_token: 'geheim-refresh#2' },
      { ...good, access_token: 'geheim-token#2' },
    )
    let now = 0
    const connector = await connect(server.url, fetch, {}, { ...testServices().clock, now: () => now })
    await connector.postUserRegistration?.(sampleEvent(), testRun())
    now = 3_541_000
    await connector.postUserRegistration?.(sampleEvent(), testRun())
    await connector.close?.()
    expect(asked.map(({ form }) => form['refresh_token'])).toEqual(['geheim-refresh#1', 'geheim-refresh#2'])
    expect(server.commands.filter((command) => command.startsWith('AUTH'))).toEqual([
      xoauth2('geheim-token#1'),
      xoauth2('geheim-token#2'),
    ])
  })

  test('that the server refuses is misconfigured, and the next one is with a new token', async () => {
    await using server = await scriptedServer((connection) => ({
      ...wants,
      auth: connection === 0 ? '535 5.7.3 Authentication unsuccessful' : '235 ok',
    }))
    const { asked, fetch } = endpoint(good, { ...good, access_token: 'geheim-token#2' })
    const connector = await connect(server.url, fetch)
    const outcome = await connector.postUserRegistration?.(sampleEvent(), testRun())
    expect(outcome).toMatchObject({
      kind: 'misconfigured',
      code: '535 5.7.3',
      message: /did not accept the token/,
    })
    expect(await connector.postUserRegistration?.(sampleEvent(), testRun())).toMatchObject({
      kind: 'delivered',
    })
    await connector.close?.()
    expect(asked).toHaveLength(2)
  })

  test('is not sent without TLS to another machine', async () => {
    const wrong = connect('smtp://smtp.acme.com', endpoint(good).fetch, { tls: 'off' })
    await expect(wrong).rejects.toThrow(/tls: .*readable/)
  })
})

const refusal = (status: number, error?: string, error_description?: string) => () =>
  Response.json({ error, error_description }, { status })

type Case = readonly [
  what: string,
  answer: () => Response | Promise<Response>,
  kind: FailureKind,
  code: string,
]

const cases: readonly Case[] = [
  [
    'a grant that was revoked',
    refusal(400, 'invalid_grant', 'Token has been expired or revoked.'),
    'misconfigured',
    'invalid_grant',
  ],
  [
    'a secret that expired',
    refusal(401, 'invalid_client', 'AADSTS7000222: expired'),
    'misconfigured',
    'invalid_client',
  ],
  ['a flow that is not allowed', refusal(400, 'unauthorized_client'), 'misconfigured', 'unauthorized_client'],
  ['a scope that is not known', refusal(400, 'invalid_scope'), 'misconfigured', 'invalid_scope'],
  ['an endpoint that is busy', refusal(400, 'temporarily_unavailable'), 'retry', 'temporarily_unavailable'],
  ['an endpoint that broke', () => new Response('<html>', { status: 502 }), 'retry', 'token_502'],
  ['too many requests', refusal(429), 'retry', 'token_429'],
  ['a redirect', () => Response.redirect('https://evil.example/', 307), 'misconfigured', 'token_307'],
  ['an address that is no endpoint', () => new Response('<html>'), 'misconfigured', 'token_200'],
  ['an answer without a token', () => Response.json({}), 'misconfigured', 'token_200'],
  [
    'an endpoint that is not there',
    () => Promise.reject(new TypeError('fetch failed')),
    'retry',
    'token_unreachable',
  ],
]

describe('a token endpoint that fails', () => {
  for (const [what, answer, kind, code] of cases) {
    test(`with ${what} is ${kind}, and nothing is sent`, async () => {
      await using server = await scriptedServer(wants)
      const connector = await connect(server.url, endpoint(answer).fetch)
      const outcome = await connector.postUserRegistration?.(sampleEvent(), testRun())
      await connector.close?.()
      expect(outcome).toMatchObject({ kind, code, message: /^oauth2\.example / })
      expect(server.commands.filter((command) => !command.startsWith('EHLO'))).toEqual([])
      expect(server.connections()).toBe(1)
    })
  }

  test('every row of its table is reached by a case', () => {
    const reached = new Set(
      cases.map(([, , , code]) =>
        TOKEN_CLASSES.find(
          ({ error, status }) => error?.test(code) ?? status?.test(code.replace('token_', '')),
        ),
      ),
    )
    expect(TOKEN_CLASSES.filter((row) => !reached.has(row))).toEqual([])
  })

  test('tells none of the secrets, whatever it or the server repeats', async () => {
    const said = 'geheim-client#1 geheim-refresh#1 hello@acme.com'
    await using refusing = await scriptedServer({ ...wants, auth: `535 5.7.8 ${xoauth2('geheim-token#1')}` })
    const one = await connect(refusing.url, endpoint(refusal(400, 'invalid_grant', said)).fetch)
    const two = await connect(refusing.url, endpoint(good).fetch)
    const told = inspect(
      [
        await one.postUserRegistration?.(sampleEvent(), testRun()),
        await two.postUserRegistration?.(sampleEvent(), testRun()),
        await one.check?.(testRun()),
        await two.check?.(testRun()),
      ],
      { depth: 9, showHidden: true },
    )
    await Promise.all([one.close?.(), two.close?.()])
    expect(told).toContain('invalid_grant')
    expect(told).toContain('535 5.7.8')
    const hidden = [
      'geheim',
      xoauth2('geheim-token#1').slice(-40, -4),
      Buffer.from('geheim-token#1').toString('base64').slice(0, -2),
    ]
    for (const each of hidden) expect(told).not.toContain(each)
  })
})

describe('check', () => {
  test('proves the token, each time with a new one', async () => {
    await using server = await scriptedServer(wants)
    const { asked, fetch } = endpoint(good)
    const connector = await connect(server.url, fetch)
    await connector.check?.(testRun())
    const findings = await connector.check?.(testRun())
    expect(findings?.map(({ state, what }) => `${state}: ${what}`)).toContain(
      `proved: 127.0.0.1:${server.port} accepts the token of hello@acme.com`,
    )
    expect(asked).toHaveLength(2)
    expect(server.messages).toEqual([])
  })

  test('says which of the two is wrong, and the mend', async () => {
    await using server = await scriptedServer(wants)
    const connector = await connect(server.url, endpoint(refusal(400, 'invalid_grant')).fetch)
    expect((await connector.check?.(testRun()))?.at(-1)).toMatchObject({
      state: 'failed',
      what: /^oauth2\.example no longer takes the grant/,
      mend: /refresh_token/,
    })
  })
})

describe('the key of a service account', () => {
  const read = (text: string) =>
    connectPlugin(
      email,
      {
        server: 'smtp://localhost',
        from: 'a@acme.com',
        user: 'a@acme.com',
        oauth: { service_account_file: './a.json' },
      },
      testServices({ files: { read: async () => text } }),
    )

  test.each([
    ['no JSON', '{"private_key": "geheim-key"', 'is no JSON'],
    ['of a user', '{"type":"authorized_user","refresh_token":"geheim-key"}', 'no key of a service account'],
    ['without a key', JSON.stringify({ ...account, private_key: 'geheim-key' }), 'holds no private key'],
  ])('that is %s is refused at the start, and no part of it is told', async (_what, text, reason) => {
    const error: unknown = await read(text).catch((thrown: unknown) => thrown)
    expect(inspect(error, { depth: 9 })).toContain(reason)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('geheim-key')
  })
})
