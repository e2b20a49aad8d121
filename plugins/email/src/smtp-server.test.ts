import { once } from 'node:events'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { connectPlugin, sampleEvent, testRun } from '@onsignup/core/testing'
import { simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, test } from 'vitest'
import { cert, key } from '../test/localhost.ts'
import { scriptedServer } from '../test/scripted-server.ts'
import email from './index.ts'

interface Received {
  readonly user: string | undefined
  readonly secure: boolean
  readonly from: string
  readonly to: readonly string[]
  readonly raw: Buffer
}

const listen = async (options: SMTPServerOptions) => {
  const received: Received[] = []
  const server = new SMTPServer({
    key,
    cert,
    authOptional: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'hello' && password === 'geheim/#1') done(null, { user: username })
      else done(Object.assign(new Error('no'), { responseCode: 535 }))
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          const { mailFrom, rcptTo } = session.envelope
          received.push({
            user: session.user,
            secure: session.secure,
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks),
          })
          done(null, 'queued as 0815')
        })
    },
    ...options,
  })
  server.on('error', () => {})
  const net = server.listen(0, '127.0.0.1')
  await once(net, 'listening')
  const address = net.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return {
    received,
    port: address.port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}

const trusted = getCACertificates()
const trustLocalhost = () => setDefaultCACertificates([...trusted, cert])
afterEach(() => setDefaultCACertificates(trusted))

const credentials = { user: 'hello', password: 'geheim/#1' }

const send = async (server: string, options: object = {}) => {
  const connector = await connectPlugin(email, { server, from: 'Acme <hello@acme.com>', ...options })
  try {
    return await connector.postUserRegistration?.(sampleEvent(), testRun())
  } finally {
    await connector.close?.()
  }
}

const check = async (server: string, options: object = {}) => {
  const connector = await connectPlugin(email, { server, from: 'Acme <hello@acme.com>', ...options })
  return (await connector.check?.(testRun())) ?? []
}

const states = async (server: string, options?: object) =>
  (await check(server, options)).map(({ state }) => state)

describe('sending', () => {
  test('on loopback uses STARTTLS where it is offered, whatever the certificate', async () => {
    await using server = await listen({})
    expect(await send(`smtp://127.0.0.1:${server.port}`, credentials)).toMatchObject({ kind: 'delivered' })
    const [mail] = server.received
    expect(mail).toMatchObject({ secure: true, user: 'hello', from: 'hello@acme.com', to: ['user1@foo.com'] })
    expect((await simpleParser(mail?.raw ?? '')).subject).toBe('Welcome to Acme, Ada')
  })

  test('on loopback goes without where it is not offered', async () => {
    await using server = await listen({ disabledCommands: ['STARTTLS', 'AUTH'] })
    expect(await send(`smtp://127.0.0.1:${server.port}`)).toMatchObject({ kind: 'delivered' })
    expect(server.received).toMatchObject([{ secure: false }])
  })

  test('with tls required wants a certificate that is trusted, and sends nothing without', async () => {
    await using server = await listen({})
    const url = `smtp://localhost:${server.port}`
    expect(await send(url, { tls: 'required', ...credentials })).toMatchObject({
      kind: 'misconfigured',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    expect(server.received).toEqual([])
    trustLocalhost()
    expect(await send(url, { tls: 'required', ...credentials })).toMatchObject({ kind: 'delivered' })
    expect(server.received).toMatchObject([{ secure: true, user: 'hello' }])
  })

  test('with a certificate for another name is misconfigured', async () => {
    await using server = await listen({})
    trustLocalhost()
    expect(await send(`smtp://127.0.0.1:${server.port}`, { tls: 'required' })).toMatchObject({
      kind: 'misconfigured',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })

  test('smtps is TLS from the first byte', async () => {
    await using server = await listen({ secure: true })
    trustLocalhost()
    expect(await send(`smtps://localhost:${server.port}`, credentials)).toMatchObject({ kind: 'delivered' })
    expect(server.received).toMatchObject([{ secure: true, user: 'hello' }])
  })

  test('smtps to a plain port is misconfigured', async () => {
    await using server = await listen({})
    expect(await send(`smtps://localhost:${server.port}`)).toMatchObject({
      kind: 'misconfigured',
      code: /SSL/,
    })
  })

  test('TLS older than 1.2 is refused', async () => {
    await using server = await listen({
      secure: true,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL@SECLEVEL=0',
    })
    trustLocalhost()
    expect(await send(`smtps://localhost:${server.port}`)).toMatchObject({ kind: 'misconfigured' })
  })

  test('credentials are never left out because a server offers no AUTH', async () => {
    await using server = await listen({ disabledCommands: ['AUTH'] })
    expect(await send(`smtp://127.0.0.1:${server.port}`, credentials)).toMatchObject({
      kind: 'misconfigured',
    })
    expect(server.received).toEqual([])
  })
})

describe('check', () => {
  test('proves the connection, the encryption and the password, and sends nothing', async () => {
    await using server = await listen({})
    trustLocalhost()
    const findings = await check(`smtp://localhost:${server.port}`, { tls: 'required', ...credentials })
    expect(findings).toEqual([
      { state: 'proved', what: `localhost:${server.port} answers as an SMTP server` },
      {
        state: 'proved',
        what: 'the connection is encrypted (STARTTLS) and the certificate is one for localhost',
      },
      { state: 'proved', what: `localhost:${server.port} accepts the password of hello` },
      {
        state: 'unproved',
        what: 'whether it takes mail from "Acme <hello@acme.com>" shows at the first message',
      },
    ])
    expect(server.received).toEqual([])
  })

  test('says what it could not prove', async () => {
    await using server = await listen({ disabledCommands: ['STARTTLS'] })
    const findings = await check(`smtp://127.0.0.1:${server.port}`)
    expect(findings.map(({ state, what }) => `${state}: ${what}`)).toEqual([
      `proved: 127.0.0.1:${server.port} answers as an SMTP server`,
      `unproved: the connection to 127.0.0.1:${server.port} is not encrypted`,
      'unproved: no user is set: whether the server sends without one shows at a message',
      'unproved: whether it takes mail from "Acme <hello@acme.com>" shows at the first message',
    ])
  })

  test('does not call a certificate proved that it did not look at', async () => {
    await using server = await listen({})
    const [, encryption] = await check(`smtp://127.0.0.1:${server.port}`)
    expect(encryption?.what).toBe('the connection is encrypted (STARTTLS); the certificate was not looked at')
  })

  test('fails with the mend where the server does, without the password', async () => {
    await using server = await listen({})
    const findings = await check(`smtp://127.0.0.1:${server.port}`, { user: 'hello', password: 'geheim/#2' })
    expect(findings.at(-1)).toMatchObject({
      state: 'failed',
      what: expect.stringContaining('535'),
      mend: /password/,
    })
    expect(JSON.stringify(findings)).not.toContain('geheim')
  })

  test.each([
    ['a refused connection', 'smtp://127.0.0.1:1', {}],
    ['a host that does not exist', 'smtp://nowhere.invalid', {}],
  ])('fails with %s', async (_what, server, options) => {
    expect(await states(server, options)).toEqual(['failed'])
  })

  test.each([
    ['the greeting', { greeting: 'cut' }, ['failed']],
    ['AUTH', { auth: 'cut' }, ['proved', 'unproved', 'failed']],
  ] as const)('ends when the server cuts at %s', async (_where, script, expected) => {
    await using server = await scriptedServer(script)
    expect(await states(server.url, credentials)).toEqual(expected)
  })

  test('ends with its signal when the server is silent', async () => {
    await using server = await scriptedServer({ greeting: 'hang' })
    const connector = await connectPlugin(email, { server: server.url, from: 'hello@acme.com' })
    const findings = await connector.check?.(testRun({ signal: AbortSignal.timeout(200) }))
    expect(findings).toMatchObject([{ state: 'failed' }])
  })
})
