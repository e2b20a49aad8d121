import { inspect } from 'node:util'
import { rejected } from '@onsignup/core'
import { recordingLogger } from '@onsignup/core/testing'
import { createOnSignup, type OnSignupOptions } from 'onsignup'
import { expect, test } from 'vitest'
import { createFolder } from '../support/folder.ts'
import { ada } from '../support/registrations.ts'
import { createdEvent } from '../support/sources.ts'
import { until } from '../support/until.ts'

const STREAM = 'the-token-of-the-stream'
const CALLERS = 'a-token-of-callers'

/** An engine with these sources, closed by the test's end. */
const create = async (options: OnSignupOptions) => {
  const folder = await createFolder()
  const onsignup = createOnSignup({ store: folder.at('onsignup.db'), ...options })
  return {
    ...onsignup,
    async [Symbol.asyncDispose]() {
      await onsignup.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const request = (path: string, authorization: string, init: RequestInit = {}): Request =>
  new Request(`http://127.0.0.1${path}`, { ...init, headers: { Authorization: authorization } })

const post = (path: string, body: string, authorization = `Bearer ${STREAM}`): Request =>
  request(path, authorization, { method: 'POST', body })

test('sources take what the provider sends, which reaches the connectors, and each has its own address', async () => {
  await using onsignup = await create({
    basePath: '/api/onsignup',
    sources: {
      auth0: { token: STREAM },
      staging: { uses: 'auth0', basic: { username: 'auth0', password: 'a-password' }, tenant: 'acme' },
    },
  })
  const seen: string[] = []
  onsignup.use('audit', ({ user, source }) => void seen.push(`${source.id} ${user.id}`))
  const basic = `Basic ${Buffer.from('auth0:a-password').toString('base64')}`
  const hook = '{ "user": { "id": "3" }, "context": { "connection": {} } }'
  const statuses = []
  for (const sent of [
    post('/api/onsignup/sources/auth0', createdEvent('1')),
    post('/api/onsignup/sources/staging', createdEvent('2'), basic),
    post('/api/onsignup/auth0/post-user-registration', hook),
    post('/sources/auth0', createdEvent('4')),
  ]) {
    statuses.push((await onsignup.fetch(sent)).status)
  }
  expect(statuses).toEqual([202, 202, 200, 404])
  await until('all three are seen', () => seen.length === 3)
  expect(seen.toSorted()).toEqual(['auth0 3', 'auth0 auth0|1', 'staging auth0|2'])
})

test('sources are all that is served when nothing was said of a token', async () => {
  await using onsignup = await create({ sources: { auth0: { token: STREAM } } })
  const status = async (sent: Request) => (await onsignup.fetch(sent)).status
  expect(await status(post('/sources/auth0', createdEvent('1')))).toBe(202)
  expect(await status(post('/sources/auth0', createdEvent('2'), 'Bearer wrong'))).toBe(401)
  for (const path of [
    '/events',
    '/sources',
    '/sources/other',
    '/refused',
    '/deliveries',
    '/metrics',
    '/healthz',
    '/readyz',
  ]) {
    expect(await status(post(path, JSON.stringify(ada))), path).toBe(401)
    expect(await status(request(path, `Bearer ${STREAM}`)), path).toBe(401)
  }
})

test('the credentials of sources open nothing else, and those of callers open no source', async () => {
  await using onsignup = await create({ token: CALLERS, sources: { auth0: { token: STREAM } } })
  const status = async (path: string, token: string) =>
    (await onsignup.fetch(post(path, createdEvent('1'), `Bearer ${token}`))).status
  expect(await status('/events', STREAM)).toBe(401)
  expect(await status('/sources/auth0', CALLERS)).toBe(401)
  expect(await status('/sources/auth0', STREAM)).toBe(202)
})

test.each([
  [{ auth0: {} }, 'options_invalid', 'source auth0: token: without a credential anybody may send'],
  [{ prod: { uses: 'auth0', token: 'hunter 2' } }, 'options_invalid', 'source prod (auth0): token: write a'],
  [{ prod: { token: 'hunter2' } }, 'source_unknown', 'there is no source for prod'],
  [{ 'a/b': { uses: 'auth0', token: 'hunter2' } }, 'options_invalid', 'a/b is no name for a source'],
] satisfies [OnSignupOptions['sources'], string, string][])(
  'sources that are wrong are told at the start: %j',
  async (sources, code, message) => {
    const logger = recordingLogger()
    await using onsignup = await create({ sources, logger, token: null })
    await expect(onsignup.start()).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    const answer = await onsignup.fetch(post('/sources/auth0', createdEvent('1')))
    expect(answer.status).toBe(503)
    expect(inspect([await answer.text(), logger.lines], { depth: 10 })).not.toMatch(/hunter ?2/)
  },
)

test('the compiler knows the options of sources', async () => {
  // @ts-expect-error There is no such option.
  await using misspelt = await create({ sources: { auth0: { tokn: STREAM } } })
  // @ts-expect-error There is no such protocol.
  await using unknown = await create({ sources: { auth0: { token: STREAM, hook_protocol: 'v7' } } })
  // @ts-expect-error There is no such provider.
  await using other = await create({ sources: { prod: { uses: 'auth1', token: STREAM } } })
  for (const { start } of [misspelt, unknown, other]) await expect(start()).rejects.toThrow(/source/)
})

test('the history never shows the secrets of sources', async () => {
  await using onsignup = await create({
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
