import { once } from 'node:events'
import { createServer } from 'node:http'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createTestOnSignup } from '@onsignup/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { cert } from '../test/localhost.ts'
import { scriptedServer, type Script } from '../test/scripted-server.ts'
import email from './index.ts'

const trusted = getCACertificates()
afterEach(() => setDefaultCACertificates(trusted))

/** A token endpoint that takes the grant again once it is mended. */
const tokenEndpoint = async () => {
  const state = { isMended: false }
  const server = createServer((_request, response) => {
    response.writeHead(state.isMended ? 200 : 400, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(
        state.isMended ? { access_token: 'token', expires_in: 3_600 } : { error: 'invalid_grant' },
      ),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/token`,
    mend: () => void (state.isMended = true),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const MINUTE = 60_000

/** Three sign-ups while it is broken; then it is mended, and time goes by. */
const live = async (server: string, options: object, mend: () => void) => {
  const onsignup = createTestOnSignup().use('welcome', email, {
    with: { server, from: 'Acme <hello@acme.com>', ...options },
  })
  const states = async () => (await onsignup.deliveries()).map(({ state }) => state)
  for (const id of ['1', '2', '3']) await onsignup.publish({ user: { id, email: `user${id}@x.example` } })
  await onsignup.drain()
  const broken = await states()
  const [reason] = (await onsignup.deliveries()).flatMap(({ attempts }) => attempts)
  mend()
  for (let minute = 0; minute < 15; minute += 1) {
    await onsignup.clock.advance(MINUTE)
    await onsignup.drain()
  }
  const mended = await states()
  await onsignup.close()
  return { broken, mended, reason }
}

const PARKED = ['parked', 'parked', 'parked']
const DELIVERED = ['delivered', 'delivered', 'delivered']

describe('what an operator has to mend parks the connector, which goes on by itself once it is mended', () => {
  test.each([
    ['a password that is refused', 'auth', '535 5.7.8 no', { user: 'hello', password: 'geheim' }],
    ['a sender that may not send', 'mail', '550 5.7.60 not yours', {}],
    ['relaying that is refused', 'rcpt', '554 5.7.1 relay access denied', {}],
    ['a greeting that refuses this machine', 'greeting', '554 5.7.1 on a list', {}],
  ] as const)('%s', async (_what, step, refusal, options) => {
    let script: Script = { [step]: refusal }
    await using server = await scriptedServer(() => script)
    const { broken, mended, reason } = await live(server.url, options, () => {
      script = {}
      // An idle connection, with its old script, is closed after a minute that does not pass here.
      server.dropAll()
    })
    expect(broken).toEqual(PARKED)
    expect(reason).toMatchObject({ outcome: 'misconfigured' })
    expect(mended).toEqual(DELIVERED)
    expect(server.messages).toHaveLength(3)
  })

  test('a certificate that is not trusted', async () => {
    const ehlo = '250-scripted.example\r\n250-STARTTLS\r\n250 AUTH PLAIN'
    await using server = await scriptedServer({ ehlo, starttls: '220 go' })
    const { broken, mended, reason } = await live(
      `smtp://localhost:${server.port}`,
      { tls: 'required', user: 'hello', password: 'geheim' },
      () => {
        expect(server.commands.filter((command) => /^(?:AUTH|MAIL)/.test(command))).toEqual([])
        setDefaultCACertificates([...trusted, cert])
      },
    )
    expect(broken).toEqual(PARKED)
    expect(reason).toMatchObject({ outcome: 'misconfigured', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(mended).toEqual(DELIVERED)
    expect(server.messages).toHaveLength(3)
  })

  test('a grant that was revoked', async () => {
    await using endpoint = await tokenEndpoint()
    await using server = await scriptedServer({ ehlo: '250-scripted.example\r\n250 AUTH XOAUTH2' })
    const oauth = { token_url: endpoint.url, client_id: 'app', refresh_token: 'geheim' }
    const { broken, mended, reason } = await live(
      server.url,
      { user: 'hello@acme.com', oauth },
      endpoint.mend,
    )
    expect(broken).toEqual(PARKED)
    expect(reason).toMatchObject({ outcome: 'misconfigured', code: 'invalid_grant' })
    expect(mended).toEqual(DELIVERED)
    expect(server.messages).toHaveLength(3)
  })
})
