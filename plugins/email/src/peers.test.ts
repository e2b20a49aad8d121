import { generateKeyPairSync } from 'node:crypto'
import { connectPlugin, sampleEvent, testRun, testServices } from '@onsignup/core/testing'
import { describe, expect, test, type TestContext } from 'vitest'
import { PYTHON, pythonServer, SMTP_SINK, sinkServer } from '../test/peers.ts'
import { createSigner } from './dkim.ts'
import email from './index.ts'

// The servers and the parser of these tests have nothing in common with what sends.

const pem = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const services = testServices({ files: { read: async () => pem } })
const dkim = { domain: 'acme.com', selector: 's1', private_key_file: './dkim.key' }

const python = ({ skip }: TestContext): string =>
  PYTHON ?? skip('no python3 with aiosmtpd and dkimpy: apt-get install python3-aiosmtpd python3-dkim')

const sink = ({ skip }: TestContext): string =>
  SMTP_SINK ?? skip("no smtp-sink of Postfix's: .ci/peers unpacks it on Debian")

const sendTo = async (server: string, options: object = {}, event = sampleEvent()) => {
  const connector = await connectPlugin(
    email,
    { server, from: 'Grüße von Acme <hello@acme.com>', ...options },
    services,
  )
  const outcome = await connector.postUserRegistration?.(event, testRun())
  await connector.close?.()
  return outcome
}

describe("to aiosmtpd, read by Python's email package", () => {
  test('the default message is whole, without a defect', async (context) => {
    await using server = await pythonServer(python(context))
    expect(await sendTo(server.url)).toMatchObject({ kind: 'delivered', detail: '250 2.0.0 taken' })
    const message = await server.message()
    expect(message).toMatchObject({ from: 'hello@acme.com', to: ['user1@foo.com'], defects: [] })
    expect(message.recipients).toEqual(['user1@foo.com'])
    expect(Object.fromEntries(message.headers)).toMatchObject({
      From: 'Grüße von Acme <hello@acme.com>',
      Subject: 'Welcome to Grüße von Acme, Ada',
      'Auto-Submitted': 'auto-generated',
      'Content-Language': 'en',
    })
    expect(message.text).toContain('We are glad that you are here.')
    expect(message.html).toContain('<strong>user1@foo.com</strong>')
  })

  test('a signed message verifies with dkimpy, unsubscribing and all', async (context) => {
    const { publicKey } = await createSigner(dkim, services.files)
    await using server = await pythonServer(python(context), `v=DKIM1; k=rsa; p=${publicKey}`)
    const unsubscribe = {
      url: `https://acme.com/unsubscribe/${'long/'.repeat(40)}?user={{ user.id }}`,
      mailto: 'unsubscribe@acme.com',
    }
    expect(await sendTo(server.url, { dkim, unsubscribe })).toMatchObject({ kind: 'delivered' })
    const message = await server.message()
    expect(message).toMatchObject({ dkim: true, defects: [] })
    const headers = Object.fromEntries(message.headers)
    expect(headers['List-Unsubscribe']).toMatch(
      /^<https:\/\/acme\.com\/unsubscribe\/(?:long\/){40}\?user=auth0%7C\w+>, <mailto:unsubscribe@acme\.com\?subject=unsubscribe>$/,
    )
    expect(headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click')
  })

  test('a hostile name stays one value of one header', async (context) => {
    await using server = await pythonServer(python(context))
    const name = 'A\r\nBcc: evil@z.example\r\n\r\n.\r\nRCPT TO:<evil@z.example>\u202E💥'.repeat(20)
    const subject = '{{ user.givenName }}'
    await sendTo(
      server.url,
      { subject, text: subject, html: subject },
      sampleEvent({ user: { givenName: name } }),
    )
    const message = await server.message()
    expect(message).toMatchObject({ to: ['user1@foo.com'], recipients: ['user1@foo.com'], defects: [] })
    const headers = Object.fromEntries(message.headers)
    expect(Object.keys(headers)).not.toContain('Bcc')
    expect(headers['Subject']).toMatch(/^A Bcc: evil@z\.example \. RCPT TO:<evil@z\.example>💥A Bcc/)
    expect(message.text).toContain('\n.\nRCPT TO:<evil@z.example>💥')
  })
})

describe("to Postfix's smtp-sink", () => {
  test('a message has one sender and one recipient', async (context) => {
    await using server = await sinkServer(sink(context), [])
    expect(await sendTo(server.url)).toMatchObject({ kind: 'delivered' })
    const [message = '', ...more] = await server.messages()
    expect(more).toEqual([])
    expect(message.match(/^X-Mail-Args: .*$/gm)).toEqual(['X-Mail-Args: <hello@acme.com>'])
    expect(message.match(/^X-Rcpt-Args: .*$/gm)).toEqual(['X-Rcpt-Args: <user1@foo.com>'])
    expect(message.match(/^Message-ID: /gm)).toHaveLength(1)
  })

  test.for([
    ['refuses the recipient for now', ['-r', 'RCPT'], 'retry'],
    ['refuses the recipient', ['-f', 'RCPT'], 'rejected'],
    ['refuses the sender', ['-f', 'MAIL'], 'misconfigured'],
    ['refuses the message for now', ['-r', '.'], 'retry'],
    ['refuses the message', ['-f', '.'], 'rejected'],
    ['cuts at RCPT', ['-q', 'RCPT'], 'retry'],
    ['cuts after the message', ['-q', '.'], 'unknown'],
  ] as const)('when it %s, the outcome is as it should be', async ([, args, kind], context) => {
    await using server = await sinkServer(sink(context), args)
    expect(await sendTo(server.url)).toMatchObject({ kind })
  })
})
