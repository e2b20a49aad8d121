import nock from 'nock'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'

/** Keeps all in the machine; a request that nobody expected fails the test instead of looking like a 501. */
export const guardNetwork = (): void => {
  const unmatched: string[] = []
  const note = ({ url }: Request) => {
    if (new URL(url).hostname !== '127.0.0.1') unmatched.push(url)
  }
  beforeEach(() => {
    nock.disableNetConnect()
    nock.enableNetConnect('127.0.0.1')
    nock.emitter.on('no match', note)
  })
  afterEach(() => {
    nock.emitter.removeListener('no match', note)
    const [missed, pending] = [unmatched.splice(0), nock.pendingMocks()]
    nock.cleanAll()
    nock.abortPendingRequests()
    expect({ missed, pending }).toEqual({ missed: [], pending: [] })
  })
  afterAll(() => nock.restore())
}

const texts = (body: unknown): Record<string, string> =>
  typeof body === 'object' && body !== null
    ? Object.fromEntries(Object.entries(body).map(([key, value]) => [key, String(value)]))
    : {}

/** Expects one chat.postMessage with the token; its form is added to `forms` when it comes. */
export const expectMessage = (
  token: string,
  forms: Record<string, string>[] = [],
  [status, answer, headers = {}]: readonly [number, object, Record<string, string>?] = [
    200,
    { ok: true, channel: 'C0123456789', ts: '1767323045.000100' },
  ],
): nock.Scope =>
  nock('https://slack.com', { reqheaders: { authorization: `Bearer ${token}` } })
    .post('/api/chat.postMessage', (body: unknown) => {
      forms.push(texts(body))
      return true
    })
    .reply(status, { ...answer }, headers)

const ORG = 'https://acme.my.salesforce.com'

/** Expects one sign-in with the client credentials. */
export const expectSignIn = (client_id: string, client_secret: string): nock.Scope =>
  nock(ORG)
    .post('/services/oauth2/token', { grant_type: 'client_credentials', client_id, client_secret })
    .reply(200, {
      access_token: 'the-session',
      instance_url: ORG,
      id: 'https://login.salesforce.com/id/00D000000000001/005000000000002',
      token_type: 'Bearer',
    })

const FIELDS = ['LastName', 'Company', 'Email', 'Registration_Id__c']

/** Expects to be asked once what a Lead is. */
export const expectDescription = (): nock.Scope =>
  nock(ORG, { reqheaders: { authorization: 'Bearer the-session' } })
    .get('/services/data/v66.0/sobjects/Lead/describe')
    .reply(200, {
      createable: true,
      updateable: true,
      fields: FIELDS.map((name) => ({
        name,
        label: name,
        type: 'string',
        length: 255,
        createable: true,
        updateable: true,
        nillable: name !== 'LastName' && name !== 'Company',
        defaultedOnCreate: false,
        externalId: name === 'Registration_Id__c',
        unique: name === 'Registration_Id__c',
        caseSensitive: true,
        restrictedPicklist: false,
        picklistValues: [],
      })),
    })

/** Expects one upsert of exactly these Leads. */
export const expectUpsert = (records: readonly object[]): nock.Scope =>
  nock(ORG, { reqheaders: { authorization: 'Bearer the-session', 'sforce-auto-assign': 'FALSE' } })
    .patch('/services/data/v66.0/composite/sobjects/Lead/Registration_Id__c', {
      allOrNone: false,
      records: records.map((record) => ({ attributes: { type: 'Lead' }, ...record })),
    })
    .reply(
      200,
      records.map((_, index) => ({
        id: `00Q00000000000${index}AAA`,
        success: true,
        errors: [],
        created: true,
      })),
    )
