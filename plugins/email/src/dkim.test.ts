import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { sampleEvent, testServices, connectPlugin, testRun } from '@onsignup/core/testing'
import { authenticate } from 'mailauth'
import { describe, expect, test } from 'vitest'
import { checkRecord, type LookUp } from './dkim-record.ts'
import { createSigner } from './dkim.ts'
import email from './index.ts'

const pemOf = (bits: number): string =>
  generateKeyPairSync('rsa', { modulusLength: bits })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()

const pem = pemOf(2_048)
const services = testServices({ files: { read: async () => pem } })
const dkim = { domain: 'acme.com', selector: 's1', private_key_file: './dkim.key' }
const signer = await createSigner(dkim, services.files)

/** What the DNS record would be; mailauth asks it for all names. */
const records: LookUp = async (name) => {
  if (name === signer.record) return [['v=DKIM1; k=rsa; p=', signer.publicKey]]
  throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' })
}

const verify = async (message: string | Buffer) => {
  const { dkim: found } = await authenticate(message, {
    ip: '127.0.0.1',
    helo: 'localhost',
    mta: 'localhost',
    sender: 'hello@acme.com',
    resolver: async (name, type) => (type === 'TXT' ? (await records(name)).map((parts) => [...parts]) : []),
  })
  return found.results
}

const preview = async (options: object = {}, event = sampleEvent()): Promise<string> => {
  const connector = await connectPlugin(
    email,
    { server: 'smtp://localhost', from: 'Acme <hello@acme.com>', dkim, ...options },
    services,
  )
  return (await connector.preview?.(event, testRun()))?.body ?? ''
}

const unsubscribe = { url: 'https://acme.com/u?{{ user.id }}', mailto: 'unsubscribe@acme.com' }

describe('a signed message', () => {
  test('is one that another implementation verifies, aligned with the sender', async () => {
    const [result] = await verify(await preview())
    expect(result).toMatchObject({
      status: { result: 'pass', aligned: 'acme.com' },
      signingDomain: 'acme.com',
      selector: 's1',
      algo: 'rsa-sha256',
    })
  })

  test('verifies with long headers, letters beyond ASCII, leading dots and lines without an end', async () => {
    const message = await preview(
      {
        from: 'Grüße von Acme <hello@acme.com>',
        subject: '{{ user.user_metadata.long }}',
        text: '.\n..\n  spaces   here  \n\n\n{{ user.user_metadata.long }}',
        html: '<p>{{ user.user_metadata.long }}</p>',
      },
      sampleEvent({ user: { user_metadata: { long: 'ä😀 '.repeat(600) } } }),
    )
    expect((await verify(message))[0]?.status.result).toBe('pass')
  })

  test('has both headers of unsubscribing under the signature', async () => {
    const message = await preview({ unsubscribe })
    const [result] = await verify(message)
    expect(result?.status.result).toBe('pass')
    const signed = (result?.signingHeaders?.keys ?? '').toLowerCase().split(': ')
    for (const name of [
      'from',
      'subject',
      'date',
      'message-id',
      'to',
      'list-unsubscribe',
      'list-unsubscribe-post',
    ]) {
      expect(
        signed
          .join(':')
          .split(':')
          .map((key) => key.trim()),
        name,
      ).toContain(name)
    }
    const changed = message.replace('List-Unsubscribe=One-Click', 'List-Unsubscribe=Two-Click')
    expect((await verify(changed))[0]?.status.result).toBe('fail')
  })

  test('does not verify when a word of it is another', async () => {
    const message = await preview()
    expect((await verify(message.replace('glad that', 'sad that')))[0]?.status.result).not.toBe('pass')
    expect((await verify(message.replace(/^Subject: W/m, 'Subject: V')))[0]?.status.result).not.toBe('pass')
  })

  test('is the same at every attempt, byte for byte', async () => {
    expect(await preview()).toBe(await preview())
  })
})

describe('the key', () => {
  const read = (text: string) => createSigner(dkim, { read: async () => text })
  const ed25519 = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const encrypted = generateKeyPairSync('rsa', { modulusLength: 1_024 })
    .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString()

  test.each([
    ['no PEM', 'c2VjcmV0IGtleQ== hunter2', 'holds no private key'],
    ['cut short', pem.slice(0, 200), 'holds no private key'],
    ['for another algorithm', ed25519, 'type ed25519'],
    ['with a passphrase', encrypted, 'is encrypted'],
    ['too short', pemOf(512), '512 bits'],
  ])('that is %s is refused at the start, and no part of it is told', async (_what, text, reason) => {
    const error: unknown = await read(text).catch((thrown: unknown) => thrown)
    expect(error).toHaveProperty('message', expect.stringContaining(reason))
    expect(error).toHaveProperty('message', expect.stringContaining('dkim.private_key_file ./dkim.key'))
    const told = inspect(error, { depth: 9, showHidden: true })
    for (const line of text.split('\n').filter((part) => part.length > 15 && !part.startsWith('-'))) {
      expect(told).not.toContain(line)
    }
  })

  test('may be written in the options, where it is a secret', async () => {
    const { private_key_file: _, ...rest } = dkim
    expect((await createSigner({ ...rest, private_key: pem }, services.files)).publicKey).toBe(
      signer.publicKey,
    )
  })
})

describe('the DNS record', () => {
  test('is proved when it holds the key, however it is cut up', async () => {
    const ask: LookUp = async () => [
      ['other=1'],
      [`v=DKIM1; p=${signer.publicKey.slice(0, 100)}`, signer.publicKey.slice(100)],
    ]
    expect(await checkRecord(signer, ask)).toEqual({
      state: 'proved',
      what: 'the DNS record s1._domainkey.acme.com holds the key that signs',
    })
  })

  test.each([
    ['is not there', 'ENOTFOUND', /no DNS record/],
    ['cannot be looked up', 'ETIMEOUT', /could not be looked up/],
  ])('that %s is told and never a failure', async (_what, code, what) => {
    const ask: LookUp = () => Promise.reject(Object.assign(new Error(code), { code }))
    expect(await checkRecord(signer, ask)).toMatchObject({ state: 'unproved', what })
  })

  test('with another key is told, with the record to make', async () => {
    const finding = await checkRecord(signer, async () => [['v=DKIM1; p=AAAA']])
    expect(finding).toMatchObject({ state: 'unproved', what: /another key/ })
    expect(finding.mend).toBe(
      `make a TXT record for s1._domainkey.acme.com: v=DKIM1; k=rsa; p=${signer.publicKey}`,
    )
  })
})
