import nock from 'nock'
import { describe, expect, test } from 'vitest'
import { sampleEvent, testRun } from '@onsignup/core/testing'
import { hook, ORG, TOKEN, useNock } from './test-support.ts'

// The examples of Salesforce's own pages, as they stand there: Summer '26 (API version 67.0), read 2026-11. Left out,
// since the pages cut them short: the description of an object, and the list of limits.
const GUIDE = 'https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest'
const HELP = 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm'

useNock()

const signsIn = () => nock(ORG).post('/services/oauth2/token').reply(200, TOKEN)

const companies = (...names: readonly string[]) =>
  names.map((name, at) => ({
    ...testRun(),
    event: sampleEvent({ user: { id: ['AAA', 'BBB'][at] ?? name, name } }),
  }))

const ACCOUNT = { object: 'Account', fields: { Name: '{{ user.name }}' } }
const BY_EXTERNAL_ID = { ...ACCOUNT, external_id: { field: 'MyExtId__c', value: '{{ user.id }}' } }

describe(`${GUIDE}/resources_composite_sobjects_collections_upsert.htm`, () => {
  const path = '/services/data/v66.0/composite/sobjects/Account/MyExtId__c'
  const requestBody = {
    allOrNone: false,
    records: [
      { attributes: { type: 'Account' }, Name: 'Company One', MyExtId__c: 'AAA' },
      { attributes: { type: 'Account' }, Name: 'Company Two', MyExtId__c: 'BBB' },
    ],
  }

  const upsert = async (answer: object[]) => {
    signsIn()
    nock(ORG).patch(path, requestBody).reply(200, answer)
    return hook(BY_EXTERNAL_ID).deliver(companies('Company One', 'Company Two'), testRun())
  }

  test('the example request is what is sent, and the example response is a created and an updated record', async () => {
    const outcomes = await upsert([
      { id: '001xx0000004GxDAAU', success: true, errors: [], created: true },
      { id: '001xx0000004GxEAAU', success: true, errors: [], created: false },
    ])
    expect(outcomes).toMatchObject([
      { kind: 'delivered', detail: 'Account 001xx0000004GxDAAU created' },
      { kind: 'delivered', detail: 'Account 001xx0000004GxEAAU updated' },
    ])
  })

  test('some items failed and allOrNone is false', async () => {
    const outcomes = await upsert([
      { id: '001xx0000004GxDAAU', success: true, errors: [] },
      {
        success: false,
        errors: [
          {
            statusCode: 'MALFORMED_ID',
            message: 'Contact ID: id value of incorrect type: 001xx0000004GxEAAU',
            fields: ['Id'],
          },
        ],
      },
    ])
    expect(outcomes).toMatchObject([{ kind: 'delivered' }, { kind: 'rejected', code: 'MALFORMED_ID' }])
  })

  test('some items failed and allOrNone is true, which is never asked for, rolls back what may go again', async () => {
    const outcomes = await upsert([
      {
        id: '001xx0000004GxDAAU',
        success: false,
        errors: [
          {
            statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
            message:
              'Record rolled back because not all records were valid and the request was using AllOrNone header',
            fields: [],
          },
        ],
      },
      {
        success: false,
        errors: [
          {
            statusCode: 'MALFORMED_ID',
            message: 'Contact ID: id value of incorrect type: 001xx0000004GxEAAU',
            fields: ['Id'],
          },
        ],
      },
    ])
    expect(outcomes).toMatchObject([{ kind: 'retry' }, { kind: 'rejected' }])
  })
})

describe(`${GUIDE}/resources_composite_sobjects_collections_create.htm`, () => {
  const create = async (answer: object[]) => {
    signsIn()
    nock(ORG).post('/services/data/v66.0/composite/sobjects').reply(200, answer)
    return hook({ ...ACCOUNT, operation: 'create' }).deliver(companies('a', 'b'), testRun())
  }

  test('the example response is two records', async () => {
    const outcomes = await create([
      { id: '001RM000003oLnnYAE', success: true, errors: [] },
      { id: '003RM0000068xV6YAI', success: true, errors: [] },
    ])
    expect(outcomes).toMatchObject([{ kind: 'delivered' }, { kind: 'delivered' }])
  })

  test('some items failed and allOrNone is false: a duplicate is skipped', async () => {
    const outcomes = await create([
      {
        success: false,
        errors: [{ statusCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?', fields: [] }],
      },
      { id: '003RM0000068xVCYAY', success: true, errors: [] },
    ])
    expect(outcomes).toMatchObject([
      { kind: 'skipped', reason: expect.stringContaining('DUPLICATES_DETECTED: Use one of these records?') },
      { kind: 'delivered' },
    ])
  })
})

describe('an error of a whole request', () => {
  test.each([
    [
      `${GUIDE}/errorcodes.htm, Incorrect ID`,
      400,
      [
        {
          fields: ['Id'],
          message: 'Account ID: id value of incorrect type: 001900K0001pPuOAAU',
          errorCode: 'MALFORMED_ID',
        },
      ],
      { kind: 'rejected', code: 'MALFORMED_ID' },
    ],
    [
      `${GUIDE}/errorcodes.htm, Resource does not exist`,
      404,
      [{ message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' }],
      { kind: 'misconfigured', code: 'NOT_FOUND' },
    ],
    [
      `${GUIDE}/dome_upsert.htm, Incorrect external ID field`,
      404,
      { message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' },
      { kind: 'misconfigured', code: 'NOT_FOUND' },
    ],
  ])('%s', async (_page, status, body, outcome) => {
    signsIn()
    nock(ORG).patch('/services/data/v66.0/composite/sobjects/Account/MyExtId__c').reply(status, body)
    expect(await hook(BY_EXTERNAL_ID).deliver(companies('a'), testRun())).toMatchObject([outcome])
  })
})

describe(`${HELP}`, () => {
  test.each(['Audience validation failed', 'expired access/refresh token'])(
    'invalid_grant: %s is for the operator to mend',
    async (error_description) => {
      nock(ORG)
        .post('/services/oauth2/token')
        .reply(400, { error: 'invalid_grant', error_description }, { 'cache-control': 'no-store' })
      expect(await hook(BY_EXTERNAL_ID).deliver(companies('a'), testRun())).toMatchObject([
        { kind: 'misconfigured', code: 'invalid_grant', message: expect.stringContaining(error_description) },
      ])
    },
  )
})

describe(`${GUIDE}/headers_api_usage.htm`, () => {
  test('the example header is read: a tenth of the calls is used', async () => {
    signsIn()
    nock(ORG)
      .patch('/services/data/v66.0/composite/sobjects/Account/MyExtId__c')
      .reply(200, [{ id: '001', success: true, errors: [], created: true }], {
        'Sforce-Limit-Info': 'api-usage=10018/100000',
      })
    const { deliver } = hook({ ...BY_EXTERNAL_ID, max_api_usage: 0.1 })
    expect(await deliver(companies('a'), testRun())).toMatchObject([{ kind: 'delivered' }])
    expect(await deliver(companies('b'), testRun())).toMatchObject([
      { kind: 'throttled', message: expect.stringContaining('10018 of 100000') },
    ])
  })
})

describe(`${GUIDE}/headers_duplicaterules.htm`, () => {
  test('the field of the example is what asks to save', async () => {
    signsIn()
    nock(ORG, { reqheaders: { 'Sforce-Duplicate-Rule-Header': /(^|; )allowSave=true(;|$)/ } })
      .patch('/services/data/v66.0/composite/sobjects/Account/MyExtId__c')
      .reply(200, [{ id: '001', success: true, errors: [], created: true }])
    const { deliver } = hook({ ...BY_EXTERNAL_ID, on_duplicate: 'save' })
    expect(await deliver(companies('a'), testRun())).toMatchObject([{ kind: 'delivered' }])
  })
})
