import { sampleEvent, connectPlugin, pluginCases, testRun } from '@onsignup/core/testing'
import { describe, expect, test, vi } from 'vitest'
import { scriptedServer, type Script } from '../test/scripted-server.ts'
import { sockets } from '../test/sockets.ts'
import email from './index.ts'

const from = 'Acme <hello@acme.com>'

describe('the plugin', () => {
  const options = {
    server: 'smtp://smtp.acme.invalid:587',
    user: 'hello',
    password: 'a/very#secret?password',
    from,
  }
  for (const { name, run } of pluginCases(email, { with: options })) test(name, run)
})

/** Sends the sample to a server that follows the script. */
const sendTo = async (script: Script, options: object = {}, run = testRun()) => {
  await using server = await scriptedServer(script)
  const connector = await connectPlugin(email, { server: server.url, from, ...options })
  try {
    const outcome = await connector.postUserRegistration?.(sampleEvent(), run)
    const { commands, messages } = server
    return { outcome, commands, messages, connections: server.connections() }
  } finally {
    await connector.close?.()
  }
}

const credentials = { user: 'hello', password: 'geheim#1' }

describe('a send', () => {
  test('is delivered when the server took the message, with its answer', async () => {
    const { outcome, commands, messages } = await sendTo({})
    expect(outcome).toEqual({ kind: 'delivered', detail: '250 2.0.0 queued as 4711' })
    expect(commands.slice(1)).toEqual(['MAIL FROM:<hello@acme.com>', 'RCPT TO:<user1@foo.com>', 'DATA'])
    expect(messages).toHaveLength(1)
  })

  test('has no personal data in the answer that is kept', async () => {
    const { outcome } = await sendTo({ dot: '250 2.1.5 <user1@foo.com> ok, id abc' })
    expect(outcome).toEqual({ kind: 'delivered', detail: '250 2.1.5 <…> ok, id abc' })
  })

  test('goes over the wire as preview shows it and as it tells before, byte for byte', async () => {
    const event = sampleEvent()
    const text = '.a line that starts with a dot\n\nGrüße, {{ user.givenName }}'
    const told: string[] = []
    const sending = (body: string | Uint8Array) => told.push(Buffer.from(body).toString())
    const { messages } = await sendTo({}, { text }, testRun({ sending }))
    const connector = await connectPlugin(email, { server: 'smtp://localhost', from, text })
    const preview = await connector.preview?.(event, testRun())
    expect(messages[0]?.replace(/^\.\./gm, '.')).toBe(preview?.body)
    expect(told).toEqual([preview?.body])
    expect(preview).toMatchObject({
      title: 'e-mail to user1@foo.com: Welcome to Acme, Ada',
      contentType: 'message/rfc822',
    })
    expect(messages[0]).toContain('\r\n..a line')
  })

  test('has the same Message-ID at every attempt', async () => {
    const id = async (attempt: number) =>
      /^Message-ID: (.*)$/m.exec((await sendTo({}, {}, testRun({ attempt }))).messages[0] ?? '')?.[1]
    expect(await id(2)).toBe(await id(1))
  })

  test('reuses its connection', async () => {
    await using server = await scriptedServer({})
    const connector = await connectPlugin(email, { server: server.url, from })
    await connector.postUserRegistration?.(sampleEvent(), testRun())
    await connector.postUserRegistration?.(sampleEvent(), testRun())
    await connector.close?.()
    expect(server.messages).toHaveLength(2)
    expect(server.connections()).toBe(1)
  })

  test('of a user without an address opens no connection', async () => {
    await using server = await scriptedServer({})
    const connector = await connectPlugin(email, { server: server.url, from })
    const outcome = await connector.postUserRegistration?.(sampleEvent({ user: { email: null } }), testRun())
    expect(outcome).toMatchObject({ kind: 'skipped' })
    expect(server.connections()).toBe(0)
    await expect(
      connector.preview?.(sampleEvent({ user: { email: null } }), testRun()),
    ).resolves.toMatchObject({
      body: '',
    })
  })

  test('to two addresses in one reaches nobody', async () => {
    await using server = await scriptedServer({})
    const connector = await connectPlugin(email, { server: server.url, from })
    for (const address of ['a@x.example, evil@z.example', 'a@x.example\r\nRCPT TO:<evil@z.example>']) {
      const outcome = await connector.postUserRegistration?.(
        sampleEvent({ user: { email: address } }),
        testRun(),
      )
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'address_invalid' })
    }
    expect(server.connections()).toBe(0)
    await connector.close?.()
  })
})

type FailureCase = readonly [what: string, script: Script, kind: string, code: string, options?: object]

const failures: readonly FailureCase[] = [
  ['a greeting of 421', { greeting: '421 4.3.2 too many' }, 'retry', '421 4.3.2'],
  ['a greeting of 554', { greeting: '554 5.7.1 not you' }, 'misconfigured', '554 5.7.1'],
  ['a cut at the greeting', { greeting: 'cut' }, 'retry', 'ECONNECTION'],
  ['a cut at EHLO', { ehlo: 'cut' }, 'retry', 'ECONNECTION'],
  ['no STARTTLS where TLS is required', {}, 'misconfigured', '502 5.5.1', { tls: 'required' }],
  [
    'STARTTLS that is not available',
    { starttls: '454 4.7.0 later' },
    'retry',
    '454 4.7.0',
    { tls: 'required' },
  ],
  ['a wrong password', { auth: '535 5.7.8 no' }, 'misconfigured', '535 5.7.8', credentials],
  ['a password that cannot be checked', { auth: '454 4.7.0 later' }, 'retry', '454 4.7.0', credentials],
  [
    'a server without AUTH',
    { ehlo: '250 plain.example', auth: '502 5.5.1 no' },
    'misconfigured',
    '502 5.5.1',
    credentials,
  ],
  ['a cut at AUTH', { auth: 'cut' }, 'retry', 'ECONNECTION', credentials],
  ['a sender that may not', { mail: '550 5.7.60 not yours' }, 'misconfigured', '550 5.7.60'],
  ['a grey list', { rcpt: '450 4.7.1 <user1@foo.com> greylisted' }, 'retry', '450 4.7.1'],
  ['a full mailbox', { rcpt: '552 5.2.2 full' }, 'rejected', '552 5.2.2'],
  ['nobody of that name', { rcpt: '550 5.1.1 <user1@foo.com> unknown' }, 'rejected', '550 5.1.1'],
  ['relaying denied', { rcpt: '554 5.7.1 relay access denied' }, 'misconfigured', '554 5.7.1'],
  ['a cut at RCPT', { rcpt: 'cut' }, 'retry', 'ECONNECTION'],
  ['a cut at DATA', { data: 'cut' }, 'retry', 'ECONNECTION'],
  ['DATA refused', { data: '554 5.5.1 no' }, 'rejected', '554 5.5.1'],
  ['421 at the end', { dot: '421 4.3.0 closing' }, 'retry', '421 4.3.0'],
  ['a message refused for now', { dot: '451 4.3.0 later' }, 'retry', '451 4.3.0'],
  ['a message refused', { dot: '554 5.6.0 no' }, 'rejected', '554 5.6.0'],
  ['a cut after the dot', { dot: 'cut' }, 'unknown', 'ECONNECTION'],
]

describe('a server that fails', () => {
  for (const [what, script, kind, code, options] of failures) {
    test(`with ${what} is ${kind}`, async () => {
      const { outcome, connections } = await sendTo(script, options)
      expect(outcome).toMatchObject({ kind, code })
      expect(String(outcome instanceof Error && outcome.message)).toMatch(/^127\.0\.0\.1:\d+ /)
      expect(JSON.stringify(outcome) + String(outcome)).not.toMatch(/user1@|geheim/)
      expect(connections).toBe(1)
    })
  }

  test('by not being there', async () => {
    const server = await scriptedServer({})
    const { url } = server
    await server[Symbol.asyncDispose]()
    const connector = await connectPlugin(email, { server: url, from })
    const outcome = await connector.postUserRegistration?.(sampleEvent(), testRun())
    expect(outcome).toMatchObject({ kind: 'retry', code: 'ECONNREFUSED' })
    await connector.close?.()
  })

  test.each([
    ['at the greeting', { greeting: 'hang' }, 'retry'],
    ['at RCPT', { rcpt: 'hang' }, 'retry'],
    ['after the dot', { dot: 'hang' }, 'unknown'],
  ] as const)('by silence %s: the deadline ends it at once', async (_where, script, kind) => {
    const started = performance.now()
    const { outcome } = await sendTo(script, {}, testRun({ signal: AbortSignal.timeout(300) }))
    expect(outcome).toMatchObject({ kind, code: 'EABORT' })
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('by closing a connection that was kept: the next send goes on a new one', async () => {
    await using server = await scriptedServer((connection) =>
      connection === 0 ? { dot: '451 4.3.0 later' } : {},
    )
    const connector = await connectPlugin(email, { server: server.url, from })
    expect(await connector.postUserRegistration?.(sampleEvent(), testRun())).toMatchObject({ kind: 'retry' })
    server.dropAll()
    await vi.waitFor(() => expect(sockets()).toBe(0))
    expect(await connector.postUserRegistration?.(sampleEvent(), testRun())).toMatchObject({
      kind: 'delivered',
    })
    await connector.close?.()
  })
})

test('one that is broken does not keep the others from sending', async () => {
  await using server = await scriptedServer((connection) => (connection === 1 ? { dot: 'cut' } : {}))
  const connector = await connectPlugin(email, { server: server.url, from })
  const outcomes = await Promise.all(
    [1, 2, 3].map((n) =>
      connector.postUserRegistration?.(sampleEvent(), testRun({ idempotencyKey: `key-${n}` })),
    ),
  )
  expect(outcomes.map((outcome) => outcome && outcome.kind).toSorted()).toEqual([
    'delivered',
    'delivered',
    'unknown',
  ])
  expect(server.connections()).toBeLessThanOrEqual(3)
  await connector.close?.()
})

describe('an alert', () => {
  const since = new Date('2026-01-02T03:04:05Z')
  const fault = { connector: 'crm', code: 'c', reason: 'r', mend: null, since }
  const notice = {
    title: 'crm is parked\r\nBcc: <evil@example.com>',
    text: 'crm is parked: its deliveries wait.\nthe token is revoked',
    faults: [fault],
  }

  test('goes to the address that is named for it, as text, its title on one line', async () => {
    await using server = await scriptedServer({})
    const connector = await connectPlugin(email, { server: server.url, from, alerts_to: 'ops@acme.com' })
    expect(await connector.notify?.(notice, testRun())).toMatchObject({ kind: 'delivered' })
    await connector.close?.()
    expect(server.commands.slice(1)).toEqual(['MAIL FROM:<hello@acme.com>', 'RCPT TO:<ops@acme.com>', 'DATA'])
    const [head = '', body] = (server.messages[0] ?? '').split('\r\n\r\n')
    expect(head).toContain('Subject: crm is parked Bcc: <evil@example.com>')
    expect(head).not.toMatch(/^Bcc/m)
    expect(body).toContain('crm is parked: its deliveries wait.\r\nthe token is revoked')
  })

  test('is not taken without an address', async () => {
    const connector = await connectPlugin(email, { server: 'smtp://localhost', from })
    expect(connector.notify).toBeUndefined()
  })
})
