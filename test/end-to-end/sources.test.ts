import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createFolder, type Folder } from '../support/folder.ts'
import { ROOT, runProgram, startService, type Service } from '../support/program.ts'
import { createdEvent } from '../support/sources.ts'
import { until } from '../support/until.ts'

const TOKEN = 'the-token-of-the-stream'
const CALLERS = 'a-token-of-callers'

let folder: Folder
let service: Service

beforeAll(async () => {
  folder = await createFolder()
  await folder.write('.env', `AUTH0_STREAM_TOKEN=${TOKEN}\n`)
  await folder.write(
    'crm.ts',
    `import { appendFileSync } from 'node:fs'
export default ({ user, source }) => appendFileSync('${folder.at('seen')}', source.eventType + ' ' + user.id + '\\n')`,
  )
  await folder.write(
    'onsignup.yaml',
    `server: { port: 0, host: 127.0.0.1, token: ${CALLERS} }
store: ./onsignup.db
sources:
  auth0: { token: "\${AUTH0_STREAM_TOKEN}" }
  staging: { uses: auth0, basic: { username: auth0, password: a-password } }
connectors: { crm: { uses: ./crm.ts } }
`,
  )
  service = await startService([], { cwd: folder.path })
})

afterAll(async () => {
  service.kill('SIGKILL')
  await service.ended
  await folder[Symbol.asyncDispose]()
})

const fixture = (name: string) => readFile(join(ROOT, 'sources/fixtures', `${name}.json`), 'utf8')

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = '/sources/auth0',
) =>
  fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json', ...headers },
    body,
  })

const acceptance = z.strictObject({
  events: z.array(z.strictObject({ id: z.uuid(), duplicate: z.boolean() })),
  ignored: z.int(),
  refused: z.int(),
})

const accepted = async (...args: Parameters<typeof post>) =>
  acceptance.parse(await (await post(...args)).json())

const seen = async (): Promise<readonly string[]> =>
  (await readFile(folder.at('seen'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')

const untilSeen = (line: string) => until(`${line} is delivered`, async () => (await seen()).includes(line))

test('an event of the stream reaches the connectors once, however often it is delivered', async () => {
  const body = await fixture('auth0-event-stream-social')
  const [first, second] = [await accepted(body), await accepted(body)]
  expect(first.events).toMatchObject([{ duplicate: false }])
  expect(second.events).toEqual([{ id: first.events[0]?.id, duplicate: true }])
  await untilSeen('user.created github|583231')
  expect((await seen()).filter((line) => line.endsWith('github|583231'))).toHaveLength(1)
})

test("a test event of Auth0's is taken, and no connector sees it", async () => {
  const { events } = await accepted(await fixture('auth0-event-stream'))
  const answer = await fetch(`${service.url}/events/${events[0]?.id}`, {
    headers: { Authorization: `Bearer ${CALLERS}` },
  })
  expect(await answer.json()).toMatchObject({
    event: { source: { id: 'auth0', test: true } },
    deliveries: [{ state: 'skipped', reason: 'a test event of the provider' }],
  })
})

test('a log stream may send its token alone and in any of its three forms', async () => {
  const records = z.array(z.json()).parse(JSON.parse(await fixture('auth0-log-stream-ss')))
  const forms = [
    [JSON.stringify(records), 'application/json'],
    [records.map((record) => JSON.stringify(record)).join('\n'), 'application/x-ndjson'],
    [JSON.stringify({ logs: records }), 'text/plain'],
  ] as const
  const answers = []
  for (const [body, type] of forms) {
    answers.push(await accepted(body, { Authorization: TOKEN, 'Content-Type': type }))
  }
  expect(answers.map(({ events }) => events.map(({ duplicate }) => duplicate))).toEqual([
    [false, false],
    [true, true],
    [true, true],
  ])
  await untilSeen('ss auth0|6182002f34f4dd006b05b5c7')
  await untilSeen('ss auth0|618223a4e3f49e006948565c')
})

test('the extensibility point hands over what a Hook was given, for all connectors', async () => {
  const body = await fixture('auth0-hooks-post-user-registration')
  const answer = await post(body, {}, '/auth0/post-user-registration')
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { statusCode: 200, headers: {}, status: 'success', data: {} },
  ])
  await until('it is delivered', async () =>
    (await seen()).some((line) => line.startsWith('post-user-registration derived|')),
  )
})

describe('each source lets in its own sender only', () => {
  const basic = `Basic ${Buffer.from('auth0:a-password').toString('base64')}`

  test.each([
    ['/sources/auth0', 'Bearer wrong'],
    ['/sources/auth0', ''],
    ['/sources/auth0', `Bearer ${CALLERS}`],
    ['/sources/auth0', basic],
    ['/sources/staging', `Bearer ${TOKEN}`],
  ])('%s with %s: 401', async (path, Authorization) => {
    const answer = await post(createdEvent('nobody'), { Authorization }, path)
    expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer'])
    expect(await answer.json()).toMatchObject({ code: 'unauthorized' })
  })

  test('and its token opens nothing else', async () => {
    expect((await post('{"user":{"id":"1"}}', {}, '/events')).status).toBe(401)
    const answer = await fetch(`${service.url}/deliveries`, { headers: { Authorization: `Bearer ${TOKEN}` } })
    expect(answer.status).toBe(401)
  })

  test('and the same user of two sources is one', async () => {
    await accepted(createdEvent('twice'))
    const { events } = await accepted(createdEvent('twice'), { Authorization: basic }, '/sources/staging')
    expect(events).toMatchObject([{ duplicate: true }])
  })
})

test('what no registration comes of is listed, and tried again by its id', async () => {
  const body = {
    specversion: '1.0',
    type: 'user.created',
    id: 'evt_refused',
    data: { object: {} },
    token: 'x',
  }
  expect(await accepted(JSON.stringify(body))).toMatchObject({ events: [], refused: 1 })
  const run = (...args: readonly string[]) =>
    runProgram(['refused', ...args, '--url', service.url, '--token', CALLERS], { cwd: folder.path })
  const listed = await run()
  const [id = ''] = /^\d+/.exec(listed.stdout) ?? []
  expect(listed.stdout).toMatch(/ {2}\/sources\/auth0 {2}evt_refused {2}data\.object has no user_id$/m)
  const { token: _, ...payload } = body
  expect((await run('--limit', '1', '--json')).json()).toMatchObject([
    { refused: [{ id: Number(id), payload }] },
  ])
  expect(await run(id, '999999')).toMatchObject({
    code: 1,
    stdout: `${id}  data.object has no user_id\n999999  nothing of that id was refused, or it is gone\n`,
  })
  const unasked = await fetch(`${service.url}/refused`)
  expect(unasked.status).toBe(401)
})

describe('a hostile request', () => {
  test('of 10 MB is refused, and the next of the same client is served', async () => {
    expect((await post(`[${' '.repeat(10_000_000)}]`)).status).toBe(413)
    expect((await post(createdEvent('after-large'))).status).toBe(202)
  })

  test('of 4 MiB with a thousand records is taken', async () => {
    const record = (index: number) => ({
      log_id: `large ${index}`,
      data: { type: 's', user_id: `auth0|${index}`, filler: 'x'.repeat(4_000) },
    })
    const body = JSON.stringify(Array.from({ length: 1_000 }, (_, index) => record(index)))
    expect(await accepted(body)).toEqual({ events: [], ignored: 1_000, refused: 0 })
  })

  test.each([
    ['no JSON', '{"type":', 400],
    ['nothing', '', 400],
    ['what is nested 100 000 deep', '['.repeat(100_000) + ']'.repeat(100_000), 200],
    ['an empty batch', '[]', 200],
    ['a byte order mark', `\uFEFF${createdEvent('bom')}`, 202],
    ['a __proto__', createdEvent('proto').replace('{', '{"__proto__":{"type":"user.deleted"},'), 202],
  ])('with %s is answered', async (_what, body, status) => {
    expect((await post(body)).status).toBe(status)
  })

  test('that is not UTF-8 is taken', async () => {
    const body = new Uint8Array(Buffer.from(createdEvent('utf8', { source: '?' })))
    body[body.indexOf('?'.charCodeAt(0))] = 0xff
    expect((await post(body)).status).toBe(202)
  })

  test.each(['GET', 'PUT', 'DELETE', 'HEAD'])('by %s is told what is taken', async (method) => {
    const answer = await fetch(`${service.url}/sources/auth0`, { method })
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'POST'])
  })

  test('to a source that is not configured finds nothing, even who is there', async () => {
    expect((await post(createdEvent('other'), {}, '/sources/other')).status).toBe(401)
    const answer = await post(createdEvent('other'), { Authorization: `Bearer ${CALLERS}` }, '/sources/other')
    expect(answer.status).toBe(404)
  })
})

test('what came is counted by what became of it', async () => {
  const answer = await fetch(`${service.url}/metrics`, { headers: { Authorization: `Bearer ${CALLERS}` } })
  const metrics = await answer.text()
  for (const result of ['accepted', 'duplicate', 'ignored', 'refused', 'denied']) {
    expect(metrics).toMatch(
      new RegExp(`^onsignup_received_total\\{path="/sources/auth0",result="${result}"\\} [1-9]`, 'm'),
    )
  }
})

test('no credential and no personal data is in the log', () => {
  const { stdout, stderr } = service.said
  expect(stdout).toContain('POST /sources/auth0')
  expect(stderr).toContain('a request was turned away')
  expect(stdout + stderr).not.toMatch(/the-token-of|a-password|neo@test\.com|ada@example/)
})
