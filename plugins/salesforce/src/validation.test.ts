import nock from 'nock'
import { describe, expect, test } from 'vitest'
import { recordingLogger, testRun } from '@onsignup/core/testing'
import {
  describedField,
  hook,
  item,
  LEAD,
  notSaved,
  ORG,
  saved,
  signsIn,
  UPSERT,
  useNock,
} from './test-support.ts'

useNock()

const DESCRIBE = '/services/data/v66.0/sobjects/Lead/describe'
const FIELDS = { LastName: '{{ user.familyName }}', Company: 'Acme', Titel: 'x' }
const WITH_TITEL = { ...LEAD, fields: [...LEAD.fields, describedField('Titel')] }

const describes = (answer: object = LEAD, status = 200) => nock(ORG).get(DESCRIBE).reply(status, answer)

const upserts = (results: readonly object[] = [saved(1)]) =>
  nock(ORG)
    .patch(UPSERT)
    .reply(200, [...results])

describe('validate: strict', () => {
  test('asks the org once, and then sends', async () => {
    signsIn()
    describes()
    upserts()
    upserts()
    const { deliver } = hook({ validate: 'strict' })
    expect(await deliver([item()], testRun())).toMatchObject([{ kind: 'delivered' }])
    expect(await deliver([item()], testRun())).toMatchObject([{ kind: 'delivered' }])
  })

  test('asks once for the start and the deliveries that come with it', async () => {
    signsIn()
    describes()
    upserts()
    upserts()
    const { deliver, validation } = hook({ validate: 'strict' })
    const [started, ...outcomes] = await Promise.all([
      validation.start(testRun()),
      deliver([item('a')], testRun()),
      deliver([item('b')], testRun()),
    ])
    expect(started).toBeUndefined()
    expect(outcomes).toMatchObject([[{ kind: 'delivered' }], [{ kind: 'delivered' }]])
  })

  test('sends nothing for a mapping with mistakes, and tells all of them', async () => {
    signsIn()
    describes()
    const { deliver } = hook({ validate: 'strict', fields: { Company: 'Acme', Titel: 'x' } })
    const outcomes = await deliver([item('a'), item('b')], testRun())
    expect(outcomes).toHaveLength(2)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        kind: 'misconfigured',
        code: 'SF_MAPPING',
        message:
          'Salesforce: the mapping to Lead has 2 mistakes: Lead has no field Titel that the run-as user sees; Lead.LastName is required and not mapped',
        mend: 'onsignup check shows each with its mend',
      })
    }
  })

  test('asks again after a mistake, so that a field made meanwhile is found', async () => {
    signsIn()
    describes()
    const { deliver } = hook({ validate: 'strict', fields: FIELDS })
    expect(await deliver([item()], testRun())).toMatchObject([{ code: 'SF_MAPPING' }])
    describes(WITH_TITEL)
    upserts()
    expect(await deliver([item()], testRun())).toMatchObject([{ kind: 'delivered' }])
  })

  test('asks again when the org says that something is wrong with the mapping', async () => {
    signsIn()
    describes(WITH_TITEL)
    nock(ORG)
      .patch(UPSERT)
      .reply(400, [{ errorCode: 'INVALID_FIELD', message: "No such column 'Titel' on sobject of type Lead" }])
    const { deliver } = hook({ validate: 'strict', fields: FIELDS })
    expect(await deliver([item()], testRun())).toMatchObject([
      { kind: 'misconfigured', code: 'INVALID_FIELD' },
    ])
    describes()
    expect(await deliver([item()], testRun())).toMatchObject([{ kind: 'misconfigured', code: 'SF_MAPPING' }])
  })

  test('does not ask again for what is wrong with one record', async () => {
    signsIn()
    describes()
    upserts([notSaved('INVALID_EMAIL_ADDRESS')])
    upserts()
    const { deliver } = hook({ validate: 'strict' })
    expect(await deliver([item()], testRun())).toMatchObject([{ kind: 'rejected' }])
    expect(await deliver([item()], testRun())).toMatchObject([{ kind: 'delivered' }])
  })

  test('sends nothing while the org does not answer, and tries again: for create too, since nothing was written', async () => {
    for (const operation of ['upsert', 'create']) {
      signsIn()
      nock(ORG).get(DESCRIBE).reply(200, '<html>')
      const { deliver } = hook({ validate: 'strict', operation })
      expect(await deliver([item()], testRun())).toMatchObject([
        { kind: 'retry', message: expect.stringContaining('description of Lead') },
      ])
    }
  })

  test('parks, and rejects nobody, when the org refuses to describe the object', async () => {
    signsIn()
    describes([{ errorCode: 'STRING_TOO_LONG', message: 'a code that is about records elsewhere' }], 400)
    expect(await hook({ validate: 'strict' }).deliver([item()], testRun())).toMatchObject([
      { kind: 'misconfigured' },
    ])
  })
})

describe('validate: warn', () => {
  test('logs each mistake once, and sends', async () => {
    signsIn()
    describes()
    upserts()
    upserts()
    const logger = recordingLogger()
    const { deliver } = hook({ validate: 'warn', fields: FIELDS })
    for (const _ of [1, 2])
      expect(await deliver([item()], testRun({ logger }))).toMatchObject([{ kind: 'delivered' }])
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn mapping: Lead has no field Titel that the run-as user sees',
    ])
  })

  test('sends though the org does not describe the object, and says so', async () => {
    signsIn()
    describes([], 503)
    upserts()
    const logger = recordingLogger()
    const { deliver } = hook({ validate: 'warn' })
    expect(await deliver([item()], testRun({ logger }))).toMatchObject([{ kind: 'delivered' }])
    expect(logger.lines).toMatchObject([{ level: 'warn' }])
  })
})

test('validate: off asks nothing', async () => {
  signsIn()
  upserts()
  expect(await hook({ validate: 'off' }).deliver([item()], testRun())).toMatchObject([{ kind: 'delivered' }])
})

describe('the start of the engine', () => {
  test('finds a mapping with a mistake', async () => {
    signsIn()
    describes()
    const { validation } = hook({ validate: 'strict', fields: FIELDS })
    expect(await validation.start(testRun())).toMatchObject({ kind: 'misconfigured', code: 'SF_MAPPING' })
  })

  test('finds credentials that are refused', async () => {
    nock(ORG).post('/services/oauth2/token').reply(400, { error: 'invalid_client', error_description: 'no' })
    expect(await hook({ validate: 'strict' }).validation.start(testRun())).toMatchObject({
      kind: 'misconfigured',
      code: 'invalid_client',
    })
  })

  test('finds nothing wrong with an org that cannot be reached', async () => {
    nock(ORG)
      .post('/services/oauth2/token')
      .replyWithError(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    expect(await hook({ validate: 'strict' }).validation.start(testRun())).toMatchObject({ kind: 'retry' })
  })

  test('asks nothing with validate: off', async () => {
    expect(await hook({ validate: 'off' }).validation.start(testRun())).toBeUndefined()
  })
})

describe('truncate', () => {
  const long = (id: string) => {
    const one = item(id)
    const user = { ...one.event.user, name: 'n'.repeat(200), email: `${'e'.repeat(90)}@foo.com` }
    return { ...one, event: { ...one.event, user } }
  }
  const given = {
    truncate: true,
    fields: {
      LastName: 'x',
      Company: '{{ user.name }}',
      title: '{{ user.name }}',
      Email: '{{ user.email }}',
    },
    external_id: { value: `{{ user.id }}${'i'.repeat(300)}` },
  }
  const description = { ...LEAD, fields: [...LEAD.fields, describedField('Title', { length: 128 })] }

  test('cuts text to its field, and never an address or the external id', async () => {
    signsIn()
    describes(description)
    const bodies: unknown[] = []
    nock(ORG)
      .patch(UPSERT, (body) => bodies.push(body) > 0)
      .reply(200, [saved(1)])
    await hook({ validate: 'off', ...given }).deliver([long('a')], testRun())
    expect(bodies).toMatchObject([
      {
        records: [
          {
            title: 'n'.repeat(128),
            Company: 'n'.repeat(200),
            Email: `${'e'.repeat(90)}@foo.com`,
            Registration_Id__c: `a${'i'.repeat(300)}`,
          },
        ],
      },
    ])
  })

  test('waits for the org to say how long they are', async () => {
    signsIn()
    describes([], 503)
    expect(await hook({ validate: 'warn', ...given }).deliver([long('a')], testRun())).toMatchObject([
      { kind: 'retry' },
    ])
  })
})

test('a number or a flag is written as text where the org wants text, and stays what it is elsewhere', async () => {
  signsIn()
  describes({
    ...LEAD,
    fields: [
      ...LEAD.fields,
      describedField('Plan__c'),
      describedField('Trial__c', { type: 'picklist' }),
      describedField('Seats__c', { type: 'double' }),
      describedField('Optin__c', { type: 'boolean' }),
    ],
  })
  const bodies: unknown[] = []
  nock(ORG)
    .patch(UPSERT, (body) => bodies.push(body) > 0)
    .reply(200, [saved(1)])
  const one = item('a')
  const user = { ...one.event.user, user_metadata: { plan: 5, trial: true, seats: 7, optin: false } }
  const fields = {
    LastName: 'x',
    Company: 'x',
    Plan__c: '{{ user.user_metadata.plan }}',
    Trial__c: '{{ user.user_metadata.trial }}',
    Seats__c: '{{ user.user_metadata.seats }}',
    Optin__c: '{{ user.user_metadata.optin }}',
  }
  await hook({ validate: 'strict', fields }).deliver([{ ...one, event: { ...one.event, user } }], testRun())
  expect(bodies).toMatchObject([
    { records: [{ Plan__c: '5', Trial__c: 'true', Seats__c: 7, Optin__c: false }] },
  ])
})
