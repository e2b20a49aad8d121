import { once } from 'node:events'
import { createServer } from 'node:http'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { allBlocks } from '../support/pages.ts'
import { startWithSources } from '../support/sources.ts'

const TOKEN = 'the-token-of-the-action'

const blocks = await allBlocks()

let service: Awaited<ReturnType<typeof startWithSources>>

beforeAll(async () => {
  service = await startWithSources(`auth0: { token: ${TOKEN} }`)
})

afterAll(() => service[Symbol.asyncDispose]())

const action = z.function({ input: [z.unknown()], output: z.promise(z.unknown()) })

/** What an Action did: what it was answered, what it said, and how it ended. */
interface Ran {
  readonly answers: readonly { readonly status: number; readonly body: string }[]
  readonly said: readonly string[]
  readonly failure: string | null
}

/** Runs an Action of the page as Auth0 would, with what Node gives it, and without its waiting. */
const run = async (name: string, handler: string, event: object): Promise<Ran> => {
  const answers: Ran['answers'][number][] = []
  const said: string[] = []
  const exported: Record<string, unknown> = {}
  const source = blocks.find((block) => block.name === name)?.text ?? ''
  runInNewContext(source, {
    exports: exported,
    console: { log: (text: string) => said.push(text) },
    setTimeout: (go: () => void) => setImmediate(go),
    AbortSignal: { timeout: () => AbortSignal.timeout(200) },
    async fetch(url: string, init: RequestInit) {
      const response = await fetch(url, init)
      answers.push({ status: response.status, body: await response.clone().text() })
      return response
    },
  })
  const call = action.parse(exported[handler])
  const failure = await call(event).then(
    () => null,
    (error: unknown) => String(error),
  )
  return { answers, said, failure }
}

const register = (event: object): Promise<Ran> =>
  run('forward-registration.js', 'onExecutePostUserRegistration', event)
const login = (event: object): Promise<Ran> => run('forward-first-login.js', 'onExecutePostLogin', event)

const eventOf = (id: string, { url = `${service.url}/sources/auth0`, token = TOKEN } = {}) => ({
  secrets: { ONSIGNUP_URL: url, ONSIGNUP_TOKEN: token },
  user: {
    user_id: `auth0|${id}`,
    email: `${id}@example.com`,
    email_verified: false,
    created_at: '2026-11-20T10:00:00.400Z',
    updated_at: '2026-11-20T10:00:00.400Z',
    user_metadata: { company: 'Acme' },
    app_metadata: {},
  },
  connection: { id: 'con_1', name: 'Username-Password-Authentication', strategy: 'auth0' },
  tenant: { id: 'acme' },
  request: {
    ip: '192.0.2.7',
    method: 'POST',
    user_agent: 'Mozilla/5.0',
    language: 'de-AT',
    body: { password: 'hunter2' },
  },
})

const loginOf = (...args: Parameters<typeof eventOf>) => ({
  ...eventOf(...args),
  client: { client_id: 'cli_1', name: 'Web shop', metadata: { internal: 'yes' } },
  stats: { logins_count: 1 },
})

const answered = z.object({ events: z.array(z.object({ id: z.uuid(), duplicate: z.boolean() })) })

const onlyEvent = ({ answers }: Ran) => answered.parse(JSON.parse(answers[0]?.body ?? '')).events[0]

const stored = async (ran: Ran): Promise<unknown> =>
  (await fetch(`${service.url}/events/${onlyEvent(ran)?.id}`)).json()

/** A server that answers with a status, or not at all; gives its address. */
const withServer = async <T>(status: number | null, use: (url: string) => Promise<T>): Promise<T> => {
  const server = createServer((_request, response) => {
    if (status !== null) response.writeHead(status).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  try {
    return await use(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

describe('the Action of docs/sources/auth0.md that forwards a registration', () => {
  test('hands over all that it was given, and nothing of its secrets', async () => {
    const ran = await register(eventOf('ada'))
    expect(ran).toMatchObject({ answers: [{ status: 202 }], failure: null })
    const answer = await stored(ran)
    expect(answer).toMatchObject({
      event: {
        source: { id: 'auth0', provider: 'auth0', verifiedBy: 'static-secret' },
        user: {
          id: 'auth0|ada',
          tenant: 'acme',
          email: 'ada@example.com',
          emailVerified: false,
          user_metadata: { company: 'Acme' },
        },
        context: {
          connection: { id: 'con_1', strategy: 'database' },
          requestLanguage: 'de-AT',
          request: { ip: '192.0.2.7', userAgent: 'Mozilla/5.0' },
        },
      },
    })
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|the-token-of/)
  })

  test('run twice for a user is one registration', async () => {
    const [first, second] = [await register(eventOf('twice')), await register(eventOf('twice'))]
    expect(onlyEvent(second)).toEqual({ id: onlyEvent(first)?.id, duplicate: true })
  })

  test('tries three times when onsignup is at fault, then fails where Auth0 shows it', async () => {
    const ran = await withServer(503, (url) => register(eventOf('fault', { url })))
    expect(ran.answers.map(({ status }) => status)).toEqual([503, 503, 503])
    expect(ran.failure).toContain('onsignup did not take auth0|fault: it answered 503')
  })

  test('tries no second time with a wrong token', async () => {
    const ran = await register(eventOf('wrong', { token: 'wrong' }))
    expect(ran.answers.map(({ status }) => status)).toEqual([401])
    expect(ran.failure).toContain('it answered 401')
  })

  test('gives up on a server that does not answer', async () => {
    const ran = await withServer(null, (url) => register(eventOf('silent', { url })))
    expect(ran).toMatchObject({ answers: [], failure: expect.stringContaining('did not take') })
  })

  test('gives up where nobody listens', async () => {
    const ran = await register(eventOf('nobody', { url: 'http://127.0.0.1:1/' }))
    expect(ran).toMatchObject({ answers: [], failure: expect.stringContaining('did not take') })
  })
})

describe('the Action of docs/sources/auth0.md that forwards a first login', () => {
  test('hands over who logs in for the first time, with the application', async () => {
    const ran = await login(loginOf('first'))
    expect(ran).toMatchObject({ answers: [{ status: 202 }], said: [], failure: null })
    const answer = await stored(ran)
    expect(answer).toMatchObject({ event: { context: { client: { id: 'cli_1', name: 'Web shop' } } } })
    expect(JSON.stringify(answer)).not.toMatch(/hunter2/)
  })

  test('does nothing at the second login', async () => {
    const ran = await login({ ...loginOf('second'), stats: { logins_count: 2 } })
    expect(ran).toEqual({ answers: [], said: [], failure: null })
  })

  test('is the same registration as the one that was forwarded at the sign-up', async () => {
    const [signUp, firstLogin] = [await register(eventOf('both')), await login(loginOf('both'))]
    expect(onlyEvent(firstLogin)).toEqual({ id: onlyEvent(signUp)?.id, duplicate: true })
  })

  test('keeps nobody from logging in, whatever onsignup does', async () => {
    const fault = await withServer(503, (url) => login(loginOf('fault', { url })))
    expect(fault).toMatchObject({ said: ['onsignup answered 503 for auth0|fault'], failure: null })
    const silent = await withServer(null, (url) => login(loginOf('silent', { url })))
    expect(silent).toMatchObject({ said: [expect.stringContaining('not reached')], failure: null })
    const nobody = await login(loginOf('nobody', { url: 'http://127.0.0.1:1/' }))
    expect(nobody).toMatchObject({ said: [expect.stringContaining('not reached')], failure: null })
  })
})
