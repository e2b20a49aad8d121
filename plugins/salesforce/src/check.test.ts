import nock from 'nock'
import { describe, expect, test } from 'vitest'
import type { Finding } from '@onsignup/core'
import { testRun } from '@onsignup/core/testing'
import { describedField as field, hook, LEAD, ORG, signsIn, useNock } from './test-support.ts'

useNock()

const FIELDS = LEAD.fields

const lead = (more: object = {}) => ({
  ...LEAD,
  ...more,
})

const without = (name: string, replacement?: object) => [
  ...FIELDS.filter((one) => one.name !== name),
  ...(replacement === undefined ? [] : [replacement]),
]

const check = (given: object = {}) => {
  const { check: ask } = hook({ validate: 'strict', ...given })
  return ask(testRun())
}

const VERSIONS = ['65.0', '66.0', '67.0'].map((version) => ({ version }))

const offers = (versions: readonly object[] = VERSIONS) =>
  nock(ORG)
    .get('/services/data')
    .reply(200, [...versions])

const describes = (answer: object, status = 200) => {
  offers()
  describesOnly(answer, status)
}

const describesOnly = (answer: object, status = 200) =>
  nock(ORG).get('/services/data/v66.0/sobjects/Lead/describe').reply(status, answer, {
    'sforce-limit-info': 'api-usage=18/5000',
  })

const failuresOf = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === 'failed').map(({ what }) => what)

describe('check', () => {
  test('says what it proved, and that it wrote nothing', async () => {
    signsIn()
    describes(lead())
    expect((await check()).map(({ state, what }) => `${state}: ${what}`)).toEqual([
      'proved: the credentials open https://acme.my.salesforce.com as user 005000000000002',
      'proved: the org offers API version 66.0, of 65.0 to 67.0',
      'proved: Lead exists and may be created and updated',
      'proved: fields LastName, FirstName, Company, Email, Phone, LeadSource exist, may be written, and take what is mapped to them',
      'proved: every required field of Lead is mapped',
      'proved: Lead.Registration_Id__c is an External ID field, unique and case sensitive',
      'proved: 18 of 5000 API calls of the last 24 hours are used',
      "unproved: nothing was written: the org's validation rules, triggers and flows were not tried",
    ])
  })

  test.each([
    ['an object that may not be updated', lead({ updateable: false }), 'Lead may not be created and updated'],
    ['a field that is not there', lead({ fields: without('Phone') }), 'Lead has no field Phone'],
    [
      'a field that may not be written',
      lead({ fields: without('Phone', field('Phone', { updateable: false })) }),
      'Lead.Phone may not be created and updated',
    ],
    [
      'a required field without a mapping',
      lead({ fields: [...FIELDS, field('Region__c', { nillable: false })] }),
      'Lead.Region__c is required and not mapped',
    ],
    [
      'no external id field',
      lead({ fields: without('Registration_Id__c') }),
      'there is no field Lead.Registration_Id__c',
    ],
    [
      'an external id field that is none',
      lead({ fields: without('Registration_Id__c', field('Registration_Id__c')) }),
      'Lead.Registration_Id__c is no External ID field',
    ],
    [
      'an external id field that is not unique',
      lead({ fields: without('Registration_Id__c', field('Registration_Id__c', { externalId: true })) }),
      'Lead.Registration_Id__c is not unique, so that two records may share an id',
    ],
  ])('finds %s', async (_name, answer, what) => {
    signsIn()
    describes(answer)
    expect(failuresOf(await check())).toEqual([expect.stringContaining(what)])
  })

  test('says what an external id that ignores case, or is short, leaves open', async () => {
    for (const [more, what] of [
      [{ externalId: true, unique: true }, 'ignores case'],
      [{ externalId: true, unique: true, length: 20 }, 'holds 20 characters'],
    ] as const) {
      signsIn()
      describes(lead({ fields: without('Registration_Id__c', field('Registration_Id__c', more)) }))
      expect(await check()).toContainEqual(
        expect.objectContaining({ state: 'unproved', what: expect.stringContaining(what) }),
      )
    }
  })

  test('asks for the limits when no answer mentioned them', async () => {
    signsIn()
    offers()
    nock(ORG).get('/services/data/v66.0/sobjects/Lead/describe').reply(200, lead())
    nock(ORG)
      .get('/services/data/v66.0/limits')
      .reply(200, { DailyApiRequests: { Max: 100, Remaining: 0 } })
    expect(failuresOf(await check())).toEqual(['100 of 100 API calls of the last 24 hours are used'])
  })

  test('fails with wrong credentials and says which', async () => {
    nock(ORG).post('/services/oauth2/token').reply(400, { error: 'invalid_client', error_description: 'no' })
    expect(await check()).toEqual([
      {
        state: 'failed',
        what: 'Salesforce: sign-in at https://acme.my.salesforce.com: invalid_client: no',
        mend: expect.stringContaining('client_secret'),
      },
    ])
  })

  test('fails when there is no such object', async () => {
    signsIn()
    describes([{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }], 404)
    expect(failuresOf(await check())).toEqual([expect.stringContaining('description of Lead: NOT_FOUND')])
  })

  test('fails for a version that the org does not offer, and names one that it does', async () => {
    signsIn()
    offers([{ version: '70.0' }, { version: '71.0' }])
    describesOnly([{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }], 404)
    expect((await check()).filter(({ state }) => state === 'failed')).toMatchObject([
      { what: 'the org offers no API version 66.0, but 70.0 to 71.0', mend: "set api_version to '71.0'" },
      { what: expect.stringContaining('NOT_FOUND') },
    ])
  })

  test('finds the mistakes of a mapping that is not held to them, and fails for none', async () => {
    for (const validate of ['warn', 'off']) {
      signsIn()
      describes(lead({ fields: without('Phone') }))
      const findings = await check({ validate })
      expect(failuresOf(findings)).toEqual([])
      expect(findings).toContainEqual(
        expect.objectContaining({ state: 'unproved', what: expect.stringContaining('no field Phone') }),
      )
    }
  })

  test('proves nothing while Salesforce is down', async () => {
    nock(ORG).post('/services/oauth2/token').reply(503, '')
    expect(await check()).toMatchObject([{ state: 'unproved', what: expect.stringContaining('HTTP_503') }])
  })

  test('asks nothing about an external id of create', async () => {
    signsIn()
    describes(lead({ updateable: false, fields: without('Registration_Id__c') }))
    expect(failuresOf(await check({ operation: 'create' }))).toEqual([])
  })
})
