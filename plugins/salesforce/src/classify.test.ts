import { describe, expect, test } from 'vitest'
import { classifyRecord, classifyTrouble } from './classify.ts'
import { options } from './test-support.ts'
import { apiError, Trouble, type TroubleDetails } from './trouble.ts'

const situation = (given: object = {}, attempt = 1) => ({
  options: options(given),
  attempt,
  doing: 'upsert of Lead x',
})

const record = (code: string, message = '', fields: string[] = [], given: object = {}, attempt = 1) =>
  classifyRecord([{ code, message, fields }], situation(given, attempt))

const trouble = (code: string, details: Partial<TroubleDetails> = {}, given: object = {}) =>
  classifyTrouble(
    new Trouble({ stage: 'request', errors: [apiError(code, 'why')], ...details }),
    situation(given),
  )

const MINUTE = 60_000

describe('a record that Salesforce did not save', () => {
  test.each([
    ['UNABLE_TO_LOCK_ROW', 'retry'],
    ['QUERY_TIMEOUT', 'retry'],
    ['SERVER_UNAVAILABLE', 'retry'],
    ['PROCESSING_HALTED', 'retry'],
    ['UNKNOWN_EXCEPTION', 'retry'],
    ['SOME_CODE_OF_NEXT_YEAR', 'retry'],
    ['TOO_MANY_APEX_REQUESTS', 'throttled'],
    ['REQUEST_LIMIT_EXCEEDED', 'throttled'],
    ['INVALID_FIELD', 'misconfigured'],
    ['INVALID_FIELD_FOR_INSERT_UPDATE', 'misconfigured'],
    ['INSUFFICIENT_ACCESS_OR_READONLY', 'misconfigured'],
    ['INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', 'misconfigured'],
    ['STORAGE_LIMIT_EXCEEDED', 'misconfigured'],
    ['STRING_TOO_LONG', 'rejected'],
    ['INVALID_EMAIL_ADDRESS', 'rejected'],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'rejected'],
    ['DUPLICATES_DETECTED', 'skipped'],
    ['CANNOT_UPDATE_CONVERTED_LEAD', 'skipped'],
  ])('for %s is %s', (code, kind) => {
    const outcome = record(code, 'why')
    expect(outcome).toMatchObject({ kind, ...(kind === 'skipped' ? {} : { code }) })
    expect(outcome.kind === 'skipped' ? outcome.reason : outcome.message).toBe(
      `Salesforce: upsert of Lead x: ${code}: why`,
    )
  })

  test('because a required field came out empty is rejected; because it is not mapped, misconfigured', () => {
    expect(record('REQUIRED_FIELD_MISSING', '', ['lastname'])).toMatchObject({ kind: 'rejected' })
    expect(record('REQUIRED_FIELD_MISSING', '', ['Industry'])).toMatchObject({ kind: 'misconfigured' })
  })

  test('because two upserts raced for its external id is tried again; for another unique field rejected', () => {
    const message = 'duplicate value found: Registration_Id__c duplicates value on record with id: 00Q'
    expect(record('DUPLICATE_VALUE', message)).toMatchObject({ kind: 'retry' })
    expect(record('DUPLICATE_VALUE', 'duplicate value found: Email__c')).toMatchObject({ kind: 'rejected' })
  })

  test("by the org's automation is tried three times, then the org's to mend", () => {
    expect(record('CUSTOM_APEX_ERROR', '', [], {}, 3)).toMatchObject({ kind: 'retry' })
    expect(record('CUSTOM_APEX_ERROR', '', [], {}, 4)).toMatchObject({ kind: 'misconfigured' })
  })

  test('because of a lock inside a trigger is tried again however often', () => {
    const message = 'LeadTrigger: System.DmlException: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access'
    expect(record('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message, [], {}, 9)).toMatchObject({
      kind: 'retry',
    })
  })

  test('with several errors goes by the gravest, and all are told', () => {
    const errors = [
      apiError('UNABLE_TO_LOCK_ROW', ''),
      { ...apiError('STRING_TOO_LONG', 'long'), fields: ['Email'] },
    ]
    expect(classifyRecord(errors, situation())).toMatchObject({
      kind: 'rejected',
      code: 'STRING_TOO_LONG',
      message: 'Salesforce: upsert of Lead x: STRING_TOO_LONG: long (Email); UNABLE_TO_LOCK_ROW',
    })
  })

  test('without a reason is tried again', () => {
    expect(classifyRecord([], situation())).toMatchObject({ kind: 'retry', code: 'SF_NO_REASON' })
  })

  test('for a reason after which it may be there all the same is unknown when it was created', () => {
    expect(record('UNKNOWN_EXCEPTION', '', [], { operation: 'create' })).toMatchObject({ kind: 'unknown' })
  })
})

describe('a request that failed', () => {
  test.each([
    ['ECONNREFUSED', {}, 'retry'],
    ['ENOTFOUND', {}, 'retry'],
    ['HTTP_503', { status: 503 }, 'retry'],
    ['CERT_HAS_EXPIRED', {}, 'misconfigured'],
    ['SELF_SIGNED_CERT_IN_CHAIN', {}, 'misconfigured'],
    ['SF_REDIRECTED', { status: 302 }, 'misconfigured'],
    ['SF_FOREIGN_ORIGIN', {}, 'misconfigured'],
    ['SF_SESSION_REJECTED', { status: 401 }, 'misconfigured'],
    ['INVALID_TYPE', { status: 404 }, 'misconfigured'],
    ['MULTIPLE_CHOICES', { status: 300 }, 'misconfigured'],
    ['UNSUPPORTED_API_VERSION', { status: 410 }, 'misconfigured'],
    ['API_DISABLED_FOR_ORG', { status: 403 }, 'misconfigured'],
    ['JSON_PARSER_ERROR', { status: 400 }, 'rejected'],
    ['invalid_client', { status: 400, stage: 'sign-in' }, 'misconfigured'],
    ['invalid_grant', { status: 400, stage: 'sign-in' }, 'misconfigured'],
    ['SF_UNREADABLE_TOKEN', { stage: 'sign-in' }, 'retry'],
  ] as const)('with %s is %s', (code, details, kind) => {
    for (const operation of ['upsert', 'create']) {
      expect(trouble(code, details, { operation })).toMatchObject({ kind, code })
    }
  })

  test.each(['SF_NO_ANSWER', 'SF_UNREADABLE_ANSWER', 'ECONNRESET', 'UND_ERR_SOCKET', 'EVERYTHING_ELSE'])(
    'without an answer (%s) is tried again by upsert, unknown to create, and harmless while signing in',
    (code) => {
      expect(trouble(code, { lost: true })).toMatchObject({ kind: 'retry', code })
      expect(trouble(code, { lost: true }, { operation: 'create' })).toMatchObject({ kind: 'unknown', code })
      const signingIn = trouble(code, { lost: true, stage: 'sign-in' }, { operation: 'create' })
      expect(signingIn).toMatchObject({ kind: 'retry', code })
      expect(signingIn).toHaveProperty(
        'message',
        expect.stringContaining('sign-in at https://acme.my.salesforce.com'),
      )
    },
  )

  test('waits a quarter of an hour when the calls of the day are used up, seconds when too many run at once', () => {
    const limit = (message: string) =>
      trouble('', { status: 403, errors: [apiError('REQUEST_LIMIT_EXCEEDED', message)] })
    expect(limit('TotalRequests Limit exceeded.')).toMatchObject({ kind: 'throttled', after: 15 * MINUTE })
    expect(limit('ConcurrentRequests (Concurrent API Requests) Limit exceeded.')).toMatchObject({
      kind: 'throttled',
      after: 15_000,
    })
  })

  test('waits as long as Retry-After says', () => {
    expect(trouble('HTTP_429', { status: 429, after: 7_000 })).toMatchObject({
      kind: 'throttled',
      after: 7_000,
    })
    expect(trouble('WHATEVER', { status: 429, after: 7_000 })).toMatchObject({
      kind: 'throttled',
      after: 7_000,
    })
    expect(trouble('HTTP_503', { status: 503, after: 7_000 })).toMatchObject({ kind: 'retry', after: 7_000 })
  })

  test('because another sign-in is being processed is tried again', () => {
    const errors = [apiError('invalid_grant', 'token request is already being processed')]
    expect(trouble('', { stage: 'sign-in', errors })).toMatchObject({ kind: 'retry' })
  })

  test('because of a login_url without My Domain says so', () => {
    const errors = [apiError('invalid_grant', 'request not supported on this domain')]
    expect(trouble('', { stage: 'sign-in', errors })).toMatchObject({
      kind: 'misconfigured',
      mend: expect.stringContaining('My Domain'),
    })
  })
})
