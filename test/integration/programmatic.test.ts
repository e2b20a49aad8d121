import 'nock'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import { fromAuth0Hook, type Auth0Hook } from '@onsignup/auth0-hook'
import { definePlugin, delivered, rejected, retry } from '@onsignup/core'
import { recordingLogger } from '@onsignup/core/testing'
import slack from '@onsignup/slack'
import { createOnSignup, PublishError, type OnSignupOptions } from 'onsignup'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createFolder, type Folder } from '../support/folder.ts'
import { expectMessage, guardNetwork } from '../support/nock.ts'
import { ada, named } from '../support/registrations.ts'
import { until } from '../support/until.ts'

guardNetwork()

let folder: Folder

beforeEach(async () => {
  folder = await createFolder()
})
afterEach(() => folder[Symbol.asyncDispose]())

/** Closed by the test's end. */
const create = (options: OnSignupOptions = {}) => {
  const onsignup = createOnSignup({ store: folder.at('onsignup.db'), ...options })
  return { ...onsignup, [Symbol.asyncDispose]: () => onsignup.close() }
}

const request = (
  path: string,
  { headers, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
) =>
  new Request(`http://127.0.0.1${path}`, {
    ...init,
    headers: { 'Content-Type': 'application/json', ...headers },
  })

const isHook = (value: unknown): value is Auth0Hook => typeof value === 'function'

describe('connectors in code', () => {
  test('are plugins, functions and Auth0 Hooks, and all get the event', async () => {
    const forms: Record<string, string>[] = []
    const audited: unknown[] = []
    expectMessage('xoxb-1-2-three', forms)
    await using onsignup = create()
    onsignup
      .use('team-slack', slack, {
        with: { token: 'xoxb-1-2-three', channel: 'C0123456789', text: '{{ user.email }}' },
        if: 'user.emailVerified',
        retry: { max_attempts: 5 },
      })
      .use('audit', async ({ user }, { connector, attempt }) => {
        audited.push({ user: user.id, connector, attempt })
      })
      .use(
        'legacy',
        fromAuth0Hook((user, context, cb) => cb(null, { seen: [user.email, context.connection?.name] })),
      )
    const settled: [string, string, string | null][] = []
    onsignup.on(
      'settled',
      ({ connector, state, attempt }) => void settled.push([connector, state, attempt.detail]),
    )

    const { id, duplicate } = await onsignup.publish(ada)
    expect({ id, duplicate }).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), duplicate: false })
    await until('all three are settled', () => settled.length === 3)
    expect(settled.toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
      ['audit', 'delivered', null],
      ['legacy', 'delivered', expect.stringContaining('ada@example.com')],
      ['team-slack', 'delivered', 'C0123456789 1767323045.000100'],
    ])
    expect(forms).toMatchObject([{ text: 'ada@example.com' }])
    expect(audited).toEqual([{ user: 'auth0|ada', connector: 'audit', attempt: 1 }])
    expect(await onsignup.publish(ada)).toEqual({ id, duplicate: true })
  })

  test("run the seed's starter code, and its response changes nothing", async () => {
    const seed = 'module.exports = function (user, context, cb) { cb(null, { slack_notified: true }); };\n'
    const hook: unknown = createRequire(import.meta.url)(await folder.write('hook.cjs', seed))
    if (!isHook(hook)) throw new Error('the seed exports no function')
    await using onsignup = create({ token: null })
    onsignup.use('legacy', fromAuth0Hook(hook))
    const settled: string[] = []
    onsignup.on('settled', ({ state, attempt: { outcome } }) => void settled.push(`${state} ${outcome}`))
    const { id } = await onsignup.publish(ada)
    await until('it is settled', () => settled.length > 0)
    expect(settled).toEqual(['delivered delivered'])
    const answer = z
      .object({
        event: z.object({ user: z.record(z.string(), z.unknown()) }),
        deliveries: z.array(z.unknown()),
      })
      .parse(await (await onsignup.fetch(request(`/events/${id}`))).json())
    expect(JSON.stringify(answer.event)).not.toContain('slack_notified')
    expect(answer.event.user['user_metadata']).toEqual(ada.user.user_metadata)
    expect(answer.deliveries).toHaveLength(1)
  })

  test('are tried again when they throw, and keep their key', async () => {
    const keys: string[] = []
    await using onsignup = create()
    onsignup.use(
      'flaky',
      (_event, { idempotencyKey, attempt }) => {
        keys.push(idempotencyKey)
        if (attempt === 1) throw new Error('the first one fails')
        if (attempt === 2) return retry('so does the second')
        return delivered('at last')
      },
      { retry: { initial: '1ms' } },
    )
    const outcomes: string[] = []
    onsignup.on('settled', ({ attempt: { outcome } }) => void outcomes.push(outcome))
    await onsignup.publish(ada)
    await until('it is delivered', () => outcomes.includes('delivered'))
    expect(outcomes).toEqual(['retry', 'retry', 'delivered'])
    expect(new Set(keys).size).toBe(1)
  })

  test('are known by their options before anything runs', async () => {
    await using onsignup = create()
    onsignup.use('team-slack', slack, { with: { token: 'nonsense', channel: 'C0123456789' } })
    await expect(onsignup.start()).rejects.toMatchObject({
      code: 'options_invalid',
      message: expect.stringMatching(/^connector team-slack \(slack\): with\.token: /),
    })
  })

  test('cannot be added once the engine runs, nor twice under one name', async () => {
    await using onsignup = create()
    onsignup.use('audit', () => {})
    expect(() => onsignup.use('audit', () => {})).toThrow('two connectors are named audit')
    expect(() => onsignup.use('Audit', () => {})).toThrow(/the name or what is used is invalid/)
    await onsignup.start()
    expect(() => onsignup.use('late', () => {})).toThrow(
      expect.objectContaining({ code: 'started_already', message: "use('late') after the engine started" }),
    )
  })
})

describe('publish', () => {
  test('rejects with PublishError for what is no registration, and tryPublish never rejects', async () => {
    await using onsignup = create()
    const wrong = { user: {} }
    await expect(onsignup.publish(wrong)).rejects.toBeInstanceOf(PublishError)
    expect(await onsignup.tryPublish(wrong)).toMatchObject({ ok: false, error: { code: 'invalid' } })
    expect(await onsignup.tryPublish(ada)).toMatchObject({ ok: true, duplicate: false })
    await onsignup.close()
    expect(await onsignup.tryPublish(named('late'))).toMatchObject({ ok: false, error: { code: 'closed' } })
    await expect(onsignup.publish(named('late'))).rejects.toMatchObject({ code: 'closed' })
  })

  test('says store_unavailable when the store cannot be opened', async () => {
    await folder.write('a-file', '')
    await using onsignup = create({ store: folder.at('a-file/onsignup.db') })
    expect(await onsignup.tryPublish(ada)).toMatchObject({
      ok: false,
      error: { code: 'store_unavailable', cause: expect.anything() },
    })
  })

  test('is remembered by the next engine on the same store', async () => {
    const first = create()
    const { id } = await first.publish(ada)
    await first.close()
    await using second = create()
    expect(await second.publish(ada)).toEqual({ id, duplicate: true })
  })
})

describe('a listener', () => {
  test('that throws or rejects breaks nothing, and one that is removed hears no more', async () => {
    await using onsignup = create()
    onsignup.use('audit', () => {})
    const heard: string[] = []
    onsignup.on('accepted', () => {
      throw new Error('thrown')
    })
    onsignup.on('settled', () => Promise.reject(new Error('rejected')))
    const stop = onsignup.on('accepted', ({ event }) => void heard.push(event))
    const settled: string[] = []
    onsignup.on('settled', ({ event }) => void settled.push(event))
    const { id } = await onsignup.publish(ada)
    stop()
    const other = await onsignup.publish(named('grace'))
    await until('both are settled', () => settled.length === 2)
    expect(heard).toEqual([id])
    expect(settled).toEqual([id, other.id])
  })
})

describe('fetch', () => {
  const body = JSON.stringify(ada)

  test('refuses everything when nothing was said of a token', async () => {
    await using onsignup = create()
    for (const path of ['/events', '/deliveries', '/healthz']) {
      const response = await onsignup.fetch(request(path))
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({
        code: 'unauthorized',
        mend: expect.stringContaining('{ token }'),
      })
    }
  })

  test('wants the token that was given, and is bound', async () => {
    await using onsignup = create({ token: 'a-token-of-callers' })
    const { fetch: POST } = onsignup
    const post = (headers: Record<string, string>) =>
      POST(request('/events', { method: 'POST', body, headers }))
    expect((await post({})).status).toBe(401)
    expect((await post({ Authorization: 'Bearer wrong' })).status).toBe(401)
    const accepted = await post({ Authorization: 'Bearer a-token-of-callers' })
    expect(accepted.status).toBe(202)
    expect(await accepted.json()).toMatchObject({ duplicate: false })
  })

  test('answers 503 while the engine does not start, and throws nothing into your framework', async () => {
    await folder.write('a-file', '')
    await using onsignup = create({ token: null, store: folder.at('a-file/onsignup.db') })
    const response = await onsignup.fetch(request('/events', { method: 'POST', body }))
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toMatch(/^\d+$/)
  })

  test('with token: null leaves it to your own code, and may be mounted anywhere', async () => {
    await using onsignup = create({ token: null, basePath: '/api/onsignup' })
    const accepted = await onsignup.fetch(request('/api/onsignup/events', { method: 'POST', body }))
    expect(accepted.status).toBe(202)
    expect((await onsignup.fetch(request('/events', { method: 'POST', body }))).status).toBe(404)
  })
})

describe('sources', () => {
  const STREAM = 'the-token-of-the-stream'
  const CALLERS = 'a-token-of-callers'
  const event = (id: string) => ({
    specversion: '1.0',
    type: 'user.created',
    id: `evt_${id}`,
    a0tenant: 'acme',
    data: { object: { user_id: `auth0|${id}` } },
  })
  const post = (body: unknown, authorization: string) => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { Authorization: authorization },
  })

  test('take what the provider sends, which reaches the connectors, and each has its own address', async () => {
    await using onsignup = create({
      basePath: '/api/onsignup',
      sources: {
        auth0: { token: STREAM },
        staging: { uses: 'auth0', basic: { username: 'auth0', password: 'a-password' }, tenant: 'acme' },
      },
    })
    const seen: string[] = []
    onsignup.use('audit', ({ user, source }) => void seen.push(`${source.id} ${user.id}`))
    const basic = `Basic ${Buffer.from('auth0:a-password').toString('base64')}`
    for (const [path, body, authorization] of [
      ['sources/auth0', event('1'), `Bearer ${STREAM}`],
      ['sources/staging', event('2'), basic],
      [
        'auth0/post-user-registration',
        { user: { id: '3' }, context: { connection: {} } },
        `Bearer ${STREAM}`,
      ],
    ] as const) {
      const response = await onsignup.fetch(request(`/api/onsignup/${path}`, post(body, authorization)))
      expect([path, response.ok, response.status]).toEqual([
        path,
        true,
        path.startsWith('sources') ? 202 : 200,
      ])
    }
    await until('all three are seen', () => seen.length === 3)
    expect(seen.toSorted()).toEqual(['auth0 3', 'auth0 auth0|1', 'staging auth0|2'])
  })

  test('are all that is served when nothing was said of a token', async () => {
    await using onsignup = create({ sources: { auth0: { token: STREAM } } })
    const status = async (path: string, init?: Parameters<typeof request>[1]) =>
      (await onsignup.fetch(request(path, init))).status
    expect(await status('/sources/auth0', post(event('1'), `Bearer ${STREAM}`))).toBe(202)
    expect(await status('/sources/auth0', post(event('2'), 'Bearer wrong'))).toBe(401)
    for (const path of [
      '/events',
      '/sources',
      '/sources/other',
      '/refused',
      '/deliveries',
      '/metrics',
      '/healthz',
    ]) {
      expect(await status(path, post(ada, `Bearer ${STREAM}`)), path).toBe(401)
      expect(await status(path, { headers: { Authorization: `Bearer ${STREAM}` } }), path).toBe(401)
    }
  })

  test('have credentials that open nothing else, nor are opened by those of callers', async () => {
    await using onsignup = create({ token: CALLERS, sources: { auth0: { token: STREAM } } })
    const status = async (path: string, token: string) =>
      (await onsignup.fetch(request(path, post(event('1'), `Bearer ${token}`)))).status
    expect(await status('/events', STREAM)).toBe(401)
    expect(await status('/sources/auth0', CALLERS)).toBe(401)
    expect(await status('/sources/auth0', STREAM)).toBe(202)
  })

  test.each([
    [{ auth0: {} }, 'options_invalid', 'source auth0: token: without a credential anybody may send'],
    [
      { prod: { uses: 'auth0', token: 'hunter 2' } },
      'options_invalid',
      'source prod (auth0): token: write a',
    ],
    [{ prod: { token: 'hunter2' } }, 'source_unknown', 'there is no source for prod'],
    [{ 'a/b': { uses: 'auth0', token: 'hunter2' } }, 'options_invalid', 'a/b is no name for a source'],
  ] satisfies [OnSignupOptions['sources'], string, string][])(
    'that are wrong are told at the start: %j',
    async (sources, code, message) => {
      const logger = recordingLogger()
      await using onsignup = create({ sources, logger, token: null })
      await expect(onsignup.start()).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      })
      const answer = await onsignup.fetch(request('/sources/auth0', post(event('1'), 'Bearer x')))
      expect(answer.status).toBe(503)
      expect(inspect([await answer.text(), logger.lines], { depth: 10 })).not.toMatch(/hunter ?2/)
    },
  )

  test('have options that the compiler knows', async () => {
    // @ts-expect-error There is no such option.
    await using misspelt = create({ sources: { auth0: { tokn: STREAM } } })
    // @ts-expect-error There is no such protocol.
    await using unknown = create({ sources: { auth0: { token: STREAM, hook_protocol: 'v7' } } })
    // @ts-expect-error There is no such provider.
    await using other = create({ sources: { prod: { uses: 'auth1', token: STREAM } } })
    for (const { start } of [misspelt, unknown, other]) await expect(start()).rejects.toThrow(/source/)
  })

  test('have secrets that the history never shows', async () => {
    await using onsignup = create({
      sources: {
        auth0: {
          token: STREAM,
          basic: { username: 'auth0', password: 'a-password' },
          header: { name: 'X-Api-Key', value: 'a-key-of-ours' },
        },
      },
    })
    const said: (string | null)[] = []
    onsignup.use('leaky', () => rejected(`saw ${STREAM}, a-password and a-key-of-ours`))
    onsignup.on('settled', ({ attempt }) => void said.push(attempt.detail))
    await onsignup.publish(ada)
    await until('it is settled', () => said.length > 0)
    expect(said).toEqual(['saw [secret], [secret] and [secret]'])
  })
})

test('nothing is touched until it is first used, and close without a use is nothing', async () => {
  const plugin = definePlugin({
    name: 'eager',
    options: z.object({}),
    connect() {
      throw new Error('connected too early')
    },
  })
  const onsignup = createOnSignup({ store: folder.at('never/onsignup.db') }).use('eager', plugin)
  await onsignup.close()
  await onsignup.close()
  expect(existsSync(folder.at('never'))).toBe(false)
})
