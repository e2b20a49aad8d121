import 'nock'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fromAuth0Hook, type Auth0Hook } from '@onsignup/auth0-hook'
import { definePlugin, delivered, retry } from '@onsignup/core'
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
