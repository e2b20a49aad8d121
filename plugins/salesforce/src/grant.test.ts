import nock from 'nock'
import { generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { connectPlugin, createTestClock, testRun, testServices } from '@onsignup/core/testing'
import { grantOf } from './grant.ts'
import salesforce from './index.ts'
import { item, options, ORG, saved, TOKEN, UPSERT, useNock } from './test-support.ts'

useNock()

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const ENCRYPTED = privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter2' })
  .toString()
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

const JWT = {
  client_secret: undefined,
  username: 'crm@acme.com',
  private_key_file: './salesforce.key',
}
const files = { read: async () => PEM }
const decoded = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())

describe('the JWT bearer flow', () => {
  test('signs an assertion of three minutes for the user, anew for each sign-in', async () => {
    const clock = createTestClock()
    const { params } = await grantOf(options(JWT), { files, clock })
    const { grant_type, assertion = '' } = params()
    expect(grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const [header, claims, signature = ''] = assertion.split('.')
    expect(decoded(header)).toEqual({ alg: 'RS256', typ: 'JWT' })
    expect(decoded(claims)).toEqual({
      iss: 'the-client-id',
      sub: 'crm@acme.com',
      aud: 'https://login.salesforce.com',
      exp: Math.floor(clock.now() / 1_000) + 180,
    })
    const signed = Buffer.from(`${header}.${claims}`)
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
    await clock.advance('1m')
    expect(params()['assertion']).not.toBe(assertion)
  })

  test('delivers with the session that the assertion opens, and sends no secret', async () => {
    const forms: unknown[] = []
    nock(ORG)
      .post('/services/oauth2/token', (body) => forms.push(body) > 0)
      .reply(200, TOKEN)
    nock(ORG, { reqheaders: { authorization: 'Bearer the-token' } })
      .patch(UPSERT)
      .reply(200, [saved(1)])
    const given = {
      login_url: ORG,
      client_id: 'the-client-id',
      username: 'crm@acme.com',
      private_key: PEM,
      validate: 'off',
    }
    const connector = await connectPlugin(salesforce, given)
    expect(await connector.postUserRegistrationBatch?.([item()], testRun())).toMatchObject([
      { kind: 'delivered' },
    ])
    expect(forms).toEqual([
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        client_id: 'the-client-id',
      },
    ])
  })

  test.each([
    ['no key', 'hunter2-is-no-key', 'private_key_file ./salesforce.key holds no private key'],
    ['a key with a passphrase', ENCRYPTED, 'private_key_file ./salesforce.key holds a key that is encrypted'],
    ['a key that is not RSA', EC, 'private_key_file ./salesforce.key holds a key of type ec'],
  ])('refuses a file with %s when it connects, and shows nothing of it', async (_what, text, message) => {
    const given = { ...JWT, login_url: ORG, client_id: 'the-client-id' }
    const services = testServices({ files: { read: async () => text } })
    const refused = connectPlugin(salesforce, given, services)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.not.toThrow(/hunter2|BEGIN/)
  })
})

test('the refresh token flow sends the token, and the secret where there is one', async () => {
  const forms: unknown[] = []
  for (const client_secret of [undefined, 'the-client-secret']) {
    nock(ORG)
      .post('/services/oauth2/token', (body) => forms.push(body) > 0)
      .reply(400, { error: 'invalid_grant', error_description: 'expired access/refresh token: the-refresh' })
    const given = {
      login_url: ORG,
      client_id: 'the-client-id',
      refresh_token: 'the-refresh-token',
      client_secret,
    }
    const connector = await connectPlugin(salesforce, given)
    const [outcome] = (await connector.postUserRegistrationBatch?.([item()], testRun())) ?? []
    expect(outcome).toMatchObject({ kind: 'misconfigured', code: 'invalid_grant' })
    expect(JSON.stringify(outcome)).not.toContain('the-refresh-token')
  }
  const form = { grant_type: 'refresh_token', refresh_token: 'the-refresh-token', client_id: 'the-client-id' }
  expect(forms).toEqual([form, { ...form, client_secret: 'the-client-secret' }])
})
