import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { startSalesforce } from './salesforce.ts'
import type { SalesforceDouble } from './salesforce.ts'
import { salesforceField } from './salesforce-schema.ts'

const NOW = 1_700_000_000_000
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()

let salesforce: SalesforceDouble
let session: string
beforeEach(async () => {
  salesforce = await startSalesforce({ publicKey, clock: () => NOW })
  session = String((await token({}))['access_token'])
})
afterEach(() => salesforce.close())

async function token(form: Record<string, string>): Promise<JsonObject> {
  const { clientId, clientSecret } = salesforce
  const credentials = { client_id: clientId, client_secret: clientSecret }
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...credentials, ...form })
  const response = await fetch(`${salesforce.url}/services/oauth2/token`, { method: 'POST', body })
  const answer: unknown = await response.json()
  if (!isObject(answer)) throw new Error('not an object')
  return { status: response.status, ...answer }
}

function rest(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${salesforce.url}/services/data/${path}`, {
    method,
    headers: { authorization: `Bearer ${session}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

const LEADS = 'v66.0/composite/sobjects/Lead/Registration_Id__c'
const lead = (id: string, more: JsonObject = {}) => ({
  attributes: { type: 'Lead' },
  Registration_Id__c: id,
  LastName: 'Ray',
  Company: 'Acme',
  ...more,
})

async function upsert(records: readonly unknown[], allOrNone = false) {
  const response = await rest('PATCH', LEADS, { allOrNone, records })
  const answer: unknown = await response.json()
  return { status: response.status, answer }
}

describe('the token endpoint', () => {
  test('opens a session for client credentials, signed with the secret', async () => {
    const answer = await token({})
    const id = `${salesforce.url}/id/00DSb0000000001MAA/005Sb0000000001AAA`
    expect(answer).toMatchObject({ status: 200, instance_url: salesforce.url, id, token_type: 'Bearer' })
    const signature = createHmac('sha256', salesforce.clientSecret).update(`${id}${NOW}`).digest('base64')
    expect(answer).toMatchObject({ issued_at: String(NOW), signature })
  })

  test.each([
    [{ client_id: 'x' }, 'invalid_client_id'],
    [{ client_secret: 'x' }, 'invalid_client'],
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: 'refresh_token', refresh_token: 'x' }, 'invalid_grant'],
  ])('refuses %j', async (form, error) => {
    expect(await token(form)).toMatchObject({ status: 400, error })
  })

  test('takes the refresh token', async () => {
    const form = { grant_type: 'refresh_token', refresh_token: salesforce.refreshToken }
    expect(await token(form)).toMatchObject({ status: 200, token_type: 'Bearer' })
  })

  const claims = { iss: 'sandbox-client-id', sub: 'u@x.test', aud: 'https://login.salesforce.com' }
  const exp = NOW / 1000 + 120
  test.each([
    ['a signed assertion', { ...claims, exp }, keys.privateKey, 200],
    ['an expired one', { ...claims, exp: NOW / 1000 - 1 }, keys.privateKey, 400],
    ['another audience', { ...claims, exp, aud: 'https://evil.test' }, keys.privateKey, 400],
    ['another issuer', { ...claims, exp, iss: 'x' }, keys.privateKey, 400],
    ['another key', { ...claims, exp }, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 400],
  ])('judges a JWT bearer: %s', async (_name, payload, key, status) => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const signed = `${encode({ alg: 'RS256' })}.${encode(payload)}`
    const assertion = `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`
    const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    expect(await token({ grant_type: grantType, assertion })).toMatchObject({ status })
  })
})

describe('a session', () => {
  test('is needed, and ends when expired', async () => {
    expect((await rest('GET', 'v66.0/limits')).status).toBe(200)
    salesforce.expireSessions()
    const refused = await rest('GET', 'v66.0/limits')
    expect(refused.status).toBe(401)
    expect(await refused.json()).toEqual([
      { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' },
    ])
    session = String((await token({}))['access_token'])
    expect((await rest('GET', 'v66.0/limits')).status).toBe(200)
  })

  test('can be refused on command while tokens are still given out', async () => {
    salesforce.misbehave({ kind: 'expired-session' })
    expect(await token({})).toMatchObject({ status: 200 })
    expect((await rest('GET', 'v66.0/limits')).status).toBe(401)
  })
})

describe('the REST API', () => {
  test('tells the API usage with every answer', async () => {
    expect((await rest('GET', 'v66.0/limits')).headers.get('sforce-limit-info')).toBe('api-usage=18/5000')
    salesforce.apiUsage.used = 4900
    const response = await rest('GET', 'v66.0/limits')
    expect(response.headers.get('sforce-limit-info')).toBe('api-usage=4900/5000')
    expect(await response.json()).toMatchObject({ DailyApiRequests: { Max: 5000, Remaining: 100 } })
  })

  test.each([
    ['v30.0/limits', 410, 'UNSUPPORTED_API_VERSION'],
    ['v99.0/limits', 404, 'NOT_FOUND'],
    ['v66.0/sobjects/Nope/describe', 404, 'NOT_FOUND'],
    ['v66.0/nowhere', 404, 'NOT_FOUND'],
  ])('answers %s with %i', async (path, status, errorCode) => {
    const response = await rest('GET', path)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject([{ errorCode }])
  })

  test('lists its versions and objects', async () => {
    const versions: unknown = await (await fetch(`${salesforce.url}/services/data`)).json()
    const spring26 = { label: "Spring '26", url: '/services/data/v66.0', version: '66.0' }
    expect(versions).toContainEqual(spring26)
    expect(await (await rest('GET', 'v66.0/sobjects')).json()).toMatchObject({
      sobjects: [{ name: 'Lead', keyPrefix: '00Q' }, { name: 'Contact' }, { name: 'Account' }],
    })
  })

  test('describes a field with its limits and flags', async () => {
    const described: unknown = await (await rest('GET', 'v66.0/sobjects/Lead/describe')).json()
    const fields = isObject(described) && Array.isArray(described['fields']) ? described['fields'] : []
    expect(fields).toContainEqual(
      expect.objectContaining({ name: 'LastName', length: 80, nillable: false, createable: true }),
    )
    expect(fields).toContainEqual(
      expect.objectContaining({ name: 'Registration_Id__c', externalId: true, unique: true, length: 255 }),
    )
  })

  test('describes a field that is made while it runs, and takes it', async () => {
    const record = lead('1', { Region__c: 'North' })
    expect(await upsert([record])).toMatchObject({ status: 400, answer: [{ errorCode: 'INVALID_FIELD' }] })
    salesforce.addField('Lead', salesforceField('Region__c', 'string'))
    expect(await (await rest('GET', 'v66.0/sobjects/Lead/describe')).json()).toMatchObject({
      fields: expect.arrayContaining([expect.objectContaining({ name: 'Region__c' })]),
    })
    expect(await upsert([record])).toMatchObject({ status: 200, answer: [{ success: true }] })
    expect(salesforce.find('Lead', { Region__c: 'North' })).toBeDefined()
  })
})

describe('an upsert of a collection', () => {
  test('creates, then updates, in the order given', async () => {
    const first = await upsert([lead('1'), lead('2')])
    expect(first).toMatchObject({ status: 200, answer: [{ created: true }, { created: true }] })
    const second = await upsert([lead('2', { FirstName: 'Jo' }), lead('3')])
    expect(second.answer).toMatchObject([{ success: true, created: false }, { created: true }])
    expect(salesforce.find('Lead', { Registration_Id__c: '2' })).toMatchObject({ Name: 'Jo Ray' })
    expect(salesforce.records('Lead')).toHaveLength(3)
  })

  test('gives 18-character ids with the prefix of the object', async () => {
    await upsert([lead('1')])
    expect(salesforce.records('Lead')[0]?.['Id']).toMatch(/^00Q[0-9A-Za-z]{15}$/)
  })

  test.each([
    ['REQUIRED_FIELD_MISSING', { Company: null }, ['Company']],
    ['STRING_TOO_LONG', { LastName: 'x'.repeat(81) }, ['LastName']],
    ['INVALID_EMAIL_ADDRESS', { Email: 'nope' }, ['Email']],
    ['INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', { Plan__c: 'Gold' }, ['Plan__c']],
    ['INVALID_FIELD_FOR_INSERT_UPDATE', { Name: 'Jo' }, ['Name']],
    ['MISSING_ARGUMENT', { Registration_Id__c: null }, []],
  ])('fails one record with %s and HTTP 200, and saves the rest', async (statusCode, more, fields) => {
    const { status, answer } = await upsert([lead('1', more), lead('2')])
    expect(status).toBe(200)
    expect(answer).toMatchObject([{ success: false, errors: [{ statusCode, fields }] }, { success: true }])
    expect(salesforce.records('Lead')).toHaveLength(1)
  })

  test('fails the second record of the same external id', async () => {
    const { answer } = await upsert([lead('1'), lead('1')])
    expect(answer).toMatchObject([{ success: true }, { errors: [{ statusCode: 'DUPLICATE_VALUE' }] }])
  })

  test('tells external ids apart by case, as its field does', async () => {
    await upsert([lead('auth0|a'), lead('auth0|A')])
    expect(salesforce.records('Lead')).toHaveLength(2)
  })

  test('undoes all when one fails and it is all or none', async () => {
    const { answer } = await upsert([lead('1'), lead('2', { Company: null })], true)
    expect(answer).toMatchObject([
      { errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
    ])
    expect(salesforce.records('Lead')).toEqual([])
  })

  test.each([
    ['an unknown field', [lead('1'), lead('2', { Foo__c: 'x' })], 'INVALID_FIELD'],
    ['a number for a string', [lead('1', { FirstName: 5 })], 'JSON_PARSER_ERROR'],
    ['an unknown type', [{ ...lead('1'), attributes: { type: 'Nope' } }], 'INVALID_TYPE'],
    ['201 records', Array.from({ length: 201 }, (_, i) => lead(String(i))), 'EXCEEDED_ID_LIMIT'],
  ])('is refused whole for %s', async (_name, records, errorCode) => {
    expect(await upsert(records)).toMatchObject({ status: 400, answer: [{ errorCode }] })
    expect(salesforce.records('Lead')).toEqual([])
  })

  test('is refused for broken JSON, and for a field that is no external id', async () => {
    const broken = await rest('PATCH', LEADS, '{')
    expect([broken.status, await broken.json()]).toMatchObject([400, [{ errorCode: 'JSON_PARSER_ERROR' }]])
    const wrong = await rest('PATCH', LEADS.replace('Registration_Id__c', 'City'), { records: [] })
    expect([wrong.status, await wrong.json()]).toMatchObject([404, [{ errorCode: 'NOT_FOUND' }]])
  })
})

describe('other writes', () => {
  test('create a collection of several types', async () => {
    const records = [{ attributes: { type: 'Contact' }, LastName: 'A' }, { attributes: { type: 'Account' } }]
    const response = await rest('POST', 'v66.0/composite/sobjects', { records })
    const answer: unknown = await response.json()
    expect(answer).toMatchObject([
      { id: expect.stringMatching(/^003/), success: true },
      { errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] }] },
    ])
  })

  test('create one record, once', async () => {
    const { attributes: _, ...values } = lead('1')
    expect((await rest('POST', 'v66.0/sobjects/Lead', values)).status).toBe(201)
    const again = await rest('POST', 'v66.0/sobjects/Lead', values)
    expect([again.status, await again.json()]).toMatchObject([400, [{ errorCode: 'DUPLICATE_VALUE' }]])
  })

  test('upsert one record at its external id, encoded in the path', async () => {
    const path = `v66.0/sobjects/Lead/Registration_Id__c/${encodeURIComponent('a/b|c')}`
    const created = await rest('PATCH', path, { LastName: 'Ray', Company: 'Acme' })
    expect([created.status, await created.json()]).toMatchObject([201, { created: true }])
    expect((await rest('PATCH', path, { FirstName: 'Jo' })).status).toBe(200)
    expect(salesforce.find('Lead', { Registration_Id__c: 'a/b|c' })).toMatchObject({ FirstName: 'Jo' })
  })
})

describe('misbehaviour', () => {
  test('fails one record only', async () => {
    const where = { Registration_Id__c: '2' }
    salesforce.misbehave({ kind: 'record-error', statusCode: 'UNABLE_TO_LOCK_ROW', where, times: 1 })
    const { answer } = await upsert([lead('1'), lead('2')])
    expect(answer).toMatchObject([{ success: true }, { errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW' }] }])
    expect((await upsert([lead('2')])).answer).toMatchObject([{ created: true }])
  })

  test('refuses a whole request with an error of choice', async () => {
    salesforce.misbehave({ kind: 'error', errorCode: 'REQUEST_LIMIT_EXCEEDED', status: 403, times: 1 })
    expect(await upsert([lead('1')])).toMatchObject({
      status: 403,
      answer: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    })
  })

  test('words an error of the token endpoint as OAuth does', async () => {
    salesforce.misbehave({
      kind: 'error',
      errorCode: 'invalid_grant',
      message: 'busy',
      path: '/token',
      times: 1,
    })
    expect(await token({})).toEqual({ status: 400, error: 'invalid_grant', error_description: 'busy' })
  })

  test('loses the answer of an upsert that took effect, which a repeat then finds done', async () => {
    salesforce.misbehave({ kind: 'cut', at: 'before-headers', afterEffect: true, method: 'PATCH', times: 1 })
    await expect(upsert([lead('1')])).rejects.toThrow(/fetch failed/)
    expect((await upsert([lead('1')])).answer).toMatchObject([{ success: true, created: false }])
    expect(salesforce.records('Lead')).toHaveLength(1)
  })
})
