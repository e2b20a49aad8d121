import nock from 'nock'
import { describe, expect, test } from 'vitest'
import { connectPlugin, testRun } from '@onsignup/core/testing'
import salesforce from './index.ts'
import {
  CREATE,
  CREDENTIALS,
  hook,
  item,
  notSaved,
  ORG,
  saved,
  signsIn,
  UPSERT,
  useNock,
} from './test-support.ts'

useNock()

const run = testRun()

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const recordsOf = (body: unknown): Record<string, unknown>[] =>
  isObject(body) && Array.isArray(body['records']) ? body['records'].filter(isObject) : []

const idsOf = (body: unknown): unknown[] => recordsOf(body).map((record) => record['Registration_Id__c'])

/** Answers every call with a result for each record, and keeps the ids of each call. */
const org = (answer: (ids: unknown[]) => [status: number, body: object]) => {
  const calls: unknown[][] = []
  signsIn()
  const scope = nock(ORG)
    .patch(UPSERT)
    .reply(async (request: Request) => {
      const ids = idsOf(await request.json())
      calls.push(ids)
      return answer(ids)
    })
    .persist()
  return { calls, scope }
}

const allSaved = (ids: unknown[]): [number, object] => [200, ids.map((_, at) => saved(at))]

describe('a batch', () => {
  test('is one call of sObject Collections, and each record has its own outcome', async () => {
    signsIn()
    nock(ORG, {
      reqheaders: {
        authorization: 'Bearer the-token',
        'content-type': 'application/json',
        'sforce-auto-assign': 'FALSE',
      },
    })
      .patch(UPSERT, (body) => body.allOrNone === false && idsOf(body).length === 3)
      .reply(200, [saved(1), saved(2, false), notSaved('STRING_TOO_LONG', 'data value too large', ['Email'])])
    const { deliver } = hook()
    expect(await deliver([item('a'), item('b'), item('c')], run)).toMatchObject([
      { kind: 'delivered', detail: 'Lead 00Q000000000001 created' },
      { kind: 'delivered', detail: 'Lead 00Q000000000002 updated' },
      { kind: 'rejected', code: 'STRING_TOO_LONG', message: expect.stringContaining('my-tenant:c') },
    ])
  })

  test('sends an external id once, and its twins take the outcome of the first', async () => {
    const { calls } = org((ids) => [
      200,
      ids.map((id, at) => (id === 'my-tenant:a' ? notSaved('QUERY_TIMEOUT') : saved(at))),
    ])
    const { deliver } = hook()
    const outcomes = await deliver([item('a'), item('b'), item('a'), item('b')], run)
    expect(calls).toEqual([['my-tenant:a', 'my-tenant:b']])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['retry', 'delivered', 'retry', 'delivered'])
  })

  test('tells each item the record that goes for it, as its preview shows it', async () => {
    const bodies: string[] = []
    signsIn()
    nock(ORG)
      .patch(UPSERT)
      .reply(async (request: Request) => {
        bodies.push(await request.text())
        return [200, [saved(1), saved(2)]]
      })
    const { deliver } = hook()
    const told: (readonly [string, unknown])[] = []
    const telling = (id: string) => ({
      ...item(id),
      sending: (body: unknown) => told.push([id, body]),
    })
    await deliver([telling('a'), telling('b'), telling('a')], run)
    expect(told.map(([id]) => id)).toEqual(['a', 'a', 'b'])
    expect(new Set(told.map(([, body]) => body)).size).toBe(2)
    const connector = await connectPlugin(salesforce, CREDENTIALS)
    for (const [id, body] of told) {
      const preview = await connector.preview?.(item(id).event, testRun())
      expect(preview?.body).toBe(`{"allOrNone":false,"records":[${body}]}`)
      expect(bodies[0]).toContain(body)
    }
  })

  test('of more than 200 records is more than one call', async () => {
    const { calls } = org(allSaved)
    const { deliver } = hook()
    const outcomes = await deliver(
      Array.from({ length: 201 }, (_, at) => item(`u${at}`)),
      run,
    )
    expect(calls.map((ids) => ids.length)).toEqual([200, 1])
    expect(outcomes.filter(({ kind }) => kind === 'delivered')).toHaveLength(201)
  })

  test('that is refused for the data of one record is halved until the others are saved', async () => {
    const { calls } = org((ids) =>
      ids.includes('my-tenant:bad')
        ? [400, [{ errorCode: 'JSON_PARSER_ERROR', message: 'Cannot deserialize instance of double' }]]
        : allSaved(ids),
    )
    const { deliver } = hook()
    const outcomes = await deliver([item('a'), item('b'), item('bad'), item('c')], run)
    expect(outcomes.map(({ kind }) => kind)).toEqual(['delivered', 'delivered', 'rejected', 'delivered'])
    expect(calls).toHaveLength(5)
  })

  test('that is refused for its configuration is not halved', async () => {
    const { calls } = org(() => [400, [{ errorCode: 'INVALID_FIELD', message: "No such column 'Nmae'" }]])
    const { deliver } = hook()
    const outcomes = await deliver([item('a'), item('b')], run)
    expect(outcomes).toMatchObject([{ kind: 'misconfigured' }, { kind: 'misconfigured' }])
    expect(calls).toHaveLength(1)
  })

  test('holds back only the event that no record can be made of', async () => {
    const { calls } = org(allSaved)
    const { deliver } = hook({
      external_id: { value: '{% if user.id == "x" %}{% else %}{{ user.id }}{% endif %}' },
    })
    const outcomes = await deliver([item('x'), item('y')], run)
    expect(outcomes).toMatchObject([{ kind: 'rejected', code: 'unmappable' }, { kind: 'delivered' }])
    expect(calls).toEqual([['y']])
  })

  test.each([
    ['a page', '<html><body>We are down</body></html>', 'text/html', 'not JSON'],
    ['nothing', '', 'application/json', 'not JSON'],
    ['broken JSON', '[{"success":tru', 'application/json', 'not JSON'],
    ['too few results', JSON.stringify([saved(1)]), 'application/json', 'not 2 save results'],
    [
      'results without success',
      JSON.stringify([{ id: '1' }, { id: '2' }]),
      'application/json',
      'not 2 save results',
    ],
    [
      'success as a word',
      JSON.stringify([saved(1), { ...saved(2), success: 'true' }]),
      'application/json',
      'not 2 save results',
    ],
    ['null', 'null', 'application/json', 'not 2 save results'],
    ['broken XML', '<a><b>', 'text/xml', 'not JSON'],
  ])('is not delivered when a 200 says %s', async (_name, body, type, why) => {
    for (const [operation, kind] of [
      ['upsert', 'retry'],
      ['create', 'unknown'],
    ] as const) {
      signsIn()
      nock(ORG)
        .intercept(operation === 'create' ? CREATE : UPSERT, operation === 'create' ? 'POST' : 'PATCH')
        .reply(200, body, { 'content-type': type })
      const { deliver } = hook({ operation })
      const outcomes = await deliver([item('a'), item('b')], run)
      expect(outcomes).toMatchObject([
        { kind, code: 'SF_UNREADABLE_ANSWER', message: expect.stringContaining(why) },
        { kind, code: 'SF_UNREADABLE_ANSWER', message: expect.stringContaining(why) },
      ])
      expect(JSON.stringify(outcomes.map(String))).not.toContain('<')
    }
  })

  test('of create sends no external id, and twins are two records', async () => {
    signsIn()
    nock(ORG)
      .post(CREATE, (body) => recordsOf(body).length === 2 && idsOf(body).every((id) => id === undefined))
      .reply(201, [
        { id: '00Q1', success: true, errors: [] },
        { id: '00Q2', success: true, errors: [] },
      ])
    const { deliver } = hook({ operation: 'create' })
    expect(await deliver([item('a'), item('a')], run)).toMatchObject([
      { detail: 'Lead 00Q1 created' },
      { detail: 'Lead 00Q2 created' },
    ])
  })

  test('waits a quarter of an hour when a 403 says that the calls of the day are used up', async () => {
    const { scope } = org(() => [
      403,
      [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
    ])
    const { deliver } = hook()
    expect(await deliver([item()], run)).toMatchObject([{ kind: 'throttled', after: 900_000 }])
    scope.done()
  })
})
