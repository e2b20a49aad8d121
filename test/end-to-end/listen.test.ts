import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createFolder, type Folder } from '../support/folder.ts'
import { callProgram, startListening, type Service } from '../support/program.ts'
import { until } from '../support/until.ts'

const TOKEN = 'the-token-of-callers'
const SECRET = 'the-secret-of-the-script'

const said = z.object({ status: z.string(), data: z.record(z.string(), z.unknown()) })

const SCRIPT = `
const work = {
  says: (cb, { user }) => { console.log('hello', user.username); cb(null, { hello: user.username }) },
  'goes on': (cb) => { cb(null, { said: true }); setInterval(() => {}, 1000) },
  leaks: (cb, { secrets }) => { console.log(secrets.KEY); cb(null, { [1]: secrets.KEY, deep: [secrets.KEY] }) },
  'fails with a request': (cb, { secrets }) => {
    const config = { headers: { Authorization: secrets.KEY } }
    cb(Object.assign(new Error('refused: ' + secrets.KEY), { config, code: 'E401' }))
  },
  throws: () => { throw new TypeError('not a function') },
  rejects: () => Promise.reject(new Error('no')),
  exits: () => process.exit(3),
  loops: () => { for (;;); },
  'is silent': () => {},
  waits: (cb) => {
    const check = setInterval(() => {
      if (!require('fs').existsSync('./go')) return
      clearInterval(check)
      cb()
    }, 10)
  },
  'is large': (cb) => cb(null, 'x'.repeat(1_000_000)),
}
module.exports = (user, context, cb) =>
  work[user.email](cb, { user, secrets: context.webtask.secrets })
`

let folder: Folder
let point: Service

beforeAll(async () => {
  folder = await createFolder()
  await folder.write('script.js', SCRIPT)
  point = await startListening(
    ['run', './script.js', '--listen', '0', '--token', TOKEN, '--secret', `KEY=${SECRET}`, '--timeout', '3s'],
    { cwd: folder.path },
  )
})

afterAll(async () => {
  point.kill('SIGTERM')
  await point.ended
  await folder[Symbol.asyncDispose]()
})

const post = (body: string, { token = TOKEN, url = point.url } = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body })

const bodyFor = (email: string, username = 'ada'): string =>
  JSON.stringify({ user: { email, username }, context: { connection: {} } })

const call = async (email: string, username?: string) => {
  const response = await post(bodyFor(email, username))
  const text = await response.text()
  expect(response.status).toBe(200)
  expect(text).not.toContain(SECRET)
  return said.parse(JSON.parse(text))
}

describe('a point for one script', () => {
  test('answers with what it says, and prints what it printed', async () => {
    expect(await call('says', 'grace')).toEqual({ status: 'success', data: { hello: 'grace' } })
    await until('the run is told', () => /\ndelivered after \d+ ms\n/.test(point.said.stdout))
    expect(point.said.stdout).toMatch(/\| log: hello grace\nresponse {"hello":"grace"}\ndelivered after/)
  })

  test('answers when the callback is called, though the script goes on', async () => {
    expect(await call('goes on')).toEqual({ status: 'success', data: { said: true } })
    await until('it is ended', () => point.said.stdout.includes('onsignup: it was still at work after 3s'))
  })

  test('takes secrets out of what is answered and printed', async () => {
    expect(await call('leaks')).toEqual({ status: 'success', data: { '1': '[secret]', deep: ['[secret]'] } })
    const { status, data } = await call('fails with a request')
    expect(status).toBe('error')
    expect(data).toMatchObject({ message: 'refused: [secret]', code: 'E401' })
    expect(data).not.toHaveProperty('config')
    await until('both are told', () => point.said.stdout.includes('refused: [secret]'))
    expect(point.said.stdout + point.said.stderr).not.toContain(SECRET)
  })

  test.each([
    ['throws', 'not a function'],
    ['rejects', 'no'],
    ['exits', 'exit code 3'],
    ['loops', 'still at work after 3s'],
    ['is large', 'longer than 900000 characters'],
  ])('answers for one that %s, and answers the next', async (email, words) => {
    const { status, data } = await call(email)
    expect(status).toBe('error')
    expect(data['message']).toContain(words)
    expect(data['stack'] ?? '').not.toMatch(/auth0-hook/)
    expect(await call('says')).toEqual({ status: 'success', data: { hello: 'ada' } })
  })

  test('answers for one that never calls back as for an empty response', async () => {
    expect(await call('is silent')).toEqual({ status: 'success', data: {} })
  })

  test('refuses who has no token, in the words of the protocol', async () => {
    const response = await post(bodyFor('says'), { token: 'another' })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      status: 'error',
      data: { message: 'Unauthorized extensibility point' },
    })
  })

  test('refuses a body that is too large, what is no registration, and other addresses', async () => {
    expect((await post(JSON.stringify({ user: 'x'.repeat(300_000) }))).status).toBe(413)
    const invalid = JSON.stringify({ user: { email: 5, id: 'x' }, context: { connection: {} } })
    const refused = await post(invalid)
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('user.email')
    expect((await post(bodyFor('says'), { url: new URL('/', point.url).href })).status).toBe(404)
  })

  test('answers so many at once and no more', async () => {
    // One of its own: what others have been answered may still be at work.
    const busy = await startListening(['run', './script.js', '--listen', '0'], { cwd: folder.path })
    const all = Array.from({ length: 11 }, () => post(bodyFor('waits'), { url: busy.url }))
    const first = await Promise.race(all)
    await folder.write('go', '')
    const rest = await Promise.all(all)
    expect(first.status).toBe(503)
    expect(rest.map(({ status }) => status).toSorted()).toEqual([...Array<number>(10).fill(200), 503])
    busy.kill('SIGTERM')
    await busy.ended
  })

  test('reads the script again for each call', async () => {
    await folder.write('edited.js', 'module.exports = (user, context, cb) => cb(null, { version: 1 })')
    const edited = await startListening(['run', './edited.js', '--listen', '0'], { cwd: folder.path })
    const { url } = edited
    const answer = async () => (await post(bodyFor('x'), { url })).json()
    expect(await answer()).toMatchObject({ data: { version: 1 } })
    await folder.write('edited.js', 'module.exports = (user, context, cb) => cb(null, { version: 2 })')
    expect(await answer()).toMatchObject({ data: { version: 2 } })
    await folder.write('edited.js', 'module.exports = (user, context, cb) => {')
    expect(await answer()).toMatchObject({ status: 'error' })
    edited.kill('SIGINT')
    expect((await edited.ended).code).toBe(0)
  })
})

test('prints lines of JSON where that is asked for', async () => {
  const json = await startListening(['run', './script.js', '--listen', '0', '--json'], { cwd: folder.path })
  await post(bodyFor('is silent'), { url: json.url })
  json.kill('SIGTERM')
  const { stdout } = await json.ended
  const lines = stdout.trimEnd().split('\n')
  expect(lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)))).toMatchObject([
    { url: json.url },
    { script: './script.js', kind: 'hook', outcome: 'delivered' },
  ])
})

test('says which address is taken', async () => {
  const { port } = new URL(point.url)
  const { code, stderr } = await callProgram(['run', folder.at('script.js'), '--listen', port])
  expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}`)
  expect(code).not.toBe(0)
})

test('takes no event, since those who call bring one', async () => {
  const { code } = await callProgram(['run', 'x.js', '--listen', '0', '--event', 'y.json'])
  expect(code).toBe(2)
})
