import { describe, expect, test } from 'vitest'
import { classifyRecord, classifyTrouble } from './classify.ts'
import { ROWS } from './codes.ts'
import { options } from './test-support.ts'
import { Trouble, type Stage } from './trouble.ts'

const MINUTE = 60_000

interface Case {
  readonly said: string
  /** What comes of it for upsert, and for create where that differs. */
  readonly kind: string
  readonly create?: string
  readonly message?: string
  readonly fields?: readonly string[]
  readonly status?: number
  readonly stage?: Stage
  readonly lost?: boolean
  readonly after?: number
  readonly attempt?: number
}

const each = (codes: string, more: Omit<Case, 'said'>): readonly Case[] =>
  codes.split(' ').map((said) => ({ said, ...more }))

/** What Salesforce says, and what it comes to: one line for each signal that is known. */
const CASES: readonly Case[] = [
  ...each('INVALID_SESSION_ID SF_SESSION_REJECTED HTTP_401', { kind: 'misconfigured', status: 401 }),
  ...each('HTTP_429', { kind: 'throttled', status: 429, after: MINUTE }),
  ...each('HTTP_420', { kind: 'throttled', status: 420, after: MINUTE }),
  ...each('REQUEST_LIMIT_EXCEEDED', {
    kind: 'throttled',
    status: 403,
    message: 'TotalRequests Limit exceeded.',
    after: 15 * MINUTE,
  }),
  ...each('REQUEST_LIMIT_EXCEEDED', {
    kind: 'throttled',
    status: 403,
    message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
    after: 15_000,
  }),
  ...each('TOO_MANY_APEX_REQUESTS', { kind: 'throttled', after: 15_000 }),
  ...each('UNABLE_TO_LOCK_ROW QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG SERVER_UNAVAILABLE', { kind: 'retry' }),
  ...each('MATCH_SERVICE_TIMED_OUT MATCH_SERVICE_UNAVAILABLE_ERROR RECORD_IN_USE_BY_WORKFLOW', {
    kind: 'retry',
  }),
  ...each('TERRITORY_REALIGN_IN_PROGRESS INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE', {
    kind: 'retry',
    attempt: 11,
  }),
  ...each('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', {
    kind: 'retry',
    attempt: 9,
    message: 'LeadTrigger: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access',
  }),
  ...each('HTTP_406', { kind: 'retry', status: 406, attempt: 9 }),
  ...each('HTTP_409', { kind: 'retry', status: 409, attempt: 9 }),
  ...each('HTTP_500 HTTP_502 HTTP_503 HTTP_504', { kind: 'retry', status: 500, attempt: 9 }),
  ...each('PROCESSING_HALTED ALL_OR_NONE_OPERATION_ROLLED_BACK', { kind: 'retry' }),
  ...each('UNKNOWN_EXCEPTION SF_NO_ANSWER SF_UNREADABLE_ANSWER', { kind: 'retry', create: 'unknown' }),
  ...each('ECONNRESET EPIPE ETIMEDOUT UND_ERR_SOCKET UND_ERR_BODY_TIMEOUT UND_ERR_HEADERS_TIMEOUT', {
    kind: 'retry',
    create: 'unknown',
    lost: true,
  }),
  ...each('UND_ERR_ABORTED', { kind: 'retry', create: 'unknown', lost: true }),
  ...each('ECONNREFUSED ENOTFOUND EAI_AGAIN ENETUNREACH EHOSTUNREACH UND_ERR_CONNECT_TIMEOUT SF_NOT_SENT', {
    kind: 'retry',
  }),
  ...each('invalid_grant', {
    kind: 'retry',
    stage: 'sign-in',
    message: 'token request is already being processed',
    after: MINUTE,
  }),
  ...each('invalid_grant', {
    kind: 'retry',
    stage: 'sign-in',
    message: 'expired authorization code',
    after: MINUTE,
  }),
  ...each('rate_limit_exceeded slow_down', { kind: 'throttled', stage: 'sign-in', after: MINUTE }),
  ...each('SF_UNREADABLE_TOKEN', { kind: 'retry', stage: 'sign-in' }),
  ...each('invalid_grant', {
    kind: 'misconfigured',
    stage: 'sign-in',
    message: 'request not supported on this domain',
  }),
  ...each('invalid_grant invalid_client invalid_client_id invalid_client_credentials invalid_request', {
    kind: 'misconfigured',
    stage: 'sign-in',
    status: 400,
  }),
  ...each(
    'unauthorized_client unsupported_grant_type inactive_user inactive_org app_not_found invalid_app_access',
    {
      kind: 'misconfigured',
      stage: 'sign-in',
      status: 400,
    },
  ),
  ...each('INVALID_LOGIN INVALID_AUTH_HEADER API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED', {
    kind: 'misconfigured',
  }),
  ...each('INVALID_TYPE INVALID_FIELD INVALID_FIELD_FOR_INSERT_UPDATE INVALID_EXTERNAL_ID_FIELD_NAME', {
    kind: 'misconfigured',
    status: 400,
  }),
  ...each('NOT_FOUND HTTP_404', { kind: 'misconfigured', status: 404 }),
  ...each('METHOD_NOT_ALLOWED HTTP_405', { kind: 'misconfigured', status: 405 }),
  ...each('UNSUPPORTED_API_VERSION GONE HTTP_410', { kind: 'misconfigured', status: 410 }),
  ...each('MULTIPLE_CHOICES', { kind: 'misconfigured', status: 300 }),
  ...each('DUPLICATE_EXTERNAL_ID', { kind: 'misconfigured' }),
  ...each('INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_OR_READONLY CANNOT_INSERT_UPDATE HTTP_403', {
    kind: 'misconfigured',
    status: 403,
  }),
  ...each('INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', { kind: 'misconfigured' }),
  ...each('INVALID_ASSIGNMENT_RULE INACTIVE_OWNER_OR_USER FUNCTIONALITY_NOT_ENABLED', {
    kind: 'misconfigured',
  }),
  ...each('STORAGE_LIMIT_EXCEEDED LICENSE_LIMIT_EXCEEDED', { kind: 'misconfigured', after: 60 * MINUTE }),
  ...each('SF_REDIRECTED SF_FOREIGN_ORIGIN ERR_INVALID_URL', { kind: 'misconfigured' }),
  ...each(
    'CERT_HAS_EXPIRED SELF_SIGNED_CERT_IN_CHAIN DEPTH_ZERO_SELF_SIGNED_CERT ERR_TLS_CERT_ALTNAME_INVALID',
    {
      kind: 'misconfigured',
    },
  ),
  ...each('UNABLE_TO_VERIFY_LEAF_SIGNATURE ERR_SSL_WRONG_VERSION_NUMBER', { kind: 'misconfigured' }),
  ...each('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY CANNOT_EXECUTE_FLOW_TRIGGER CUSTOM_APEX_ERROR', {
    kind: 'retry',
    attempt: 3,
  }),
  ...each('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY CANNOT_EXECUTE_FLOW_TRIGGER CUSTOM_APEX_ERROR', {
    kind: 'misconfigured',
    attempt: 4,
  }),
  ...each('REQUIRED_FIELD_MISSING', { kind: 'rejected', fields: ['LastName'] }),
  ...each('REQUIRED_FIELD_MISSING', { kind: 'misconfigured', fields: ['Region__c'] }),
  ...each('STRING_TOO_LONG INVALID_EMAIL_ADDRESS INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', {
    kind: 'rejected',
  }),
  ...each('FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_INTEGRITY_EXCEPTION NUMBER_OUTSIDE_VALID_RANGE', {
    kind: 'rejected',
  }),
  ...each('INVALID_CROSS_REFERENCE_KEY MALFORMED_ID ENTITY_IS_DELETED TEXT_DATA_OUTSIDE_SUPPORTED_CHARSET', {
    kind: 'rejected',
  }),
  ...each('JSON_PARSER_ERROR', { kind: 'rejected', status: 400 }),
  ...each('HTTP_413', { kind: 'rejected', status: 413 }),
  ...each('DUPLICATES_DETECTED CANNOT_UPDATE_CONVERTED_LEAD', { kind: 'skipped' }),
  ...each('DUPLICATE_VALUE', { kind: 'rejected', message: 'duplicate value found: Email__c' }),
]

const outcomeOf = (one: Case, given: object) => {
  const situation = { options: options(given), attempt: one.attempt ?? 1, doing: 'writing' }
  const error = { code: one.said, message: one.message ?? 'why', fields: one.fields ?? [] }
  const { status, stage, lost } = one
  return status === undefined && stage === undefined && lost === undefined
    ? classifyRecord([error], situation)
    : classifyTrouble(
        new Trouble({ stage: stage ?? 'request', status, errors: [error], lost: lost ?? false }),
        situation,
      )
}

describe('what Salesforce says', () => {
  test.each(CASES.map((one) => ({ ...one, name: `${one.said} ${one.message ?? ''}`.trim() })))(
    '$name is $kind',
    (one) => {
      for (const [operation, kind] of [
        ['upsert', one.kind],
        ['create', one.create ?? one.kind],
      ]) {
        const outcome = outcomeOf(one, { operation })
        expect(outcome).toMatchObject({
          kind,
          ...(kind === 'skipped' ? {} : { code: one.said }),
          ...(one.after === undefined ? {} : { after: one.after }),
        })
      }
    },
  )

  test('has a case here for every code and every pattern that the plugin knows', () => {
    const missing = ROWS.flatMap(({ codes }) => codes).filter(
      (code) => !CASES.some(({ said }) => (typeof code === 'string' ? code === said : code.test(said))),
    )
    expect(missing).toEqual([])
  })

  test('that the external id is taken, is tried again: it was a race of two upserts', () => {
    const message = 'duplicate value found: Registration_Id__c duplicates value on record with id: 00Q'
    expect(outcomeOf({ said: 'DUPLICATE_VALUE', message, kind: '' }, {})).toMatchObject({ kind: 'retry' })
  })

  test('with a code that nobody knows is tried three times, and then dead with that code', () => {
    for (const more of [{}, { status: 400 }]) {
      const said = 'SOME_CODE_OF_NEXT_YEAR'
      expect(outcomeOf({ said, kind: '', attempt: 3, ...more }, {})).toMatchObject({
        kind: 'retry',
        code: said,
      })
      expect(outcomeOf({ said, kind: '', attempt: 4, ...more }, {})).toMatchObject({
        kind: 'rejected',
        code: said,
      })
    }
    expect(outcomeOf({ said: 'A_FAULT', kind: '', attempt: 9, status: 500 }, {})).toMatchObject({
      kind: 'retry',
    })
  })

  test('with a code that nobody knows, before a record was sent, parks after three tries', () => {
    for (const stage of ['sign-in', 'read'] as const) {
      const one = { said: 'new_code', kind: '', stage, status: 400 }
      expect(outcomeOf({ ...one, attempt: 3 }, {})).toMatchObject({ kind: 'retry' })
      expect(outcomeOf({ ...one, attempt: 4 }, {})).toMatchObject({ kind: 'misconfigured', code: 'new_code' })
    }
  })

  test.each([
    ['DUPLICATES_DETECTED', { on_duplicate: 'reject' }],
    ['DUPLICATES_DETECTED', { on_duplicate: 'save' }],
    ['CANNOT_UPDATE_CONVERTED_LEAD', { on_converted: 'reject' }],
  ])('%s is dead with %j, and says what to do', (said, given) => {
    expect(outcomeOf({ said, kind: '' }, given)).toMatchObject({
      kind: 'rejected',
      code: said,
      mend: expect.stringMatching(/\w/),
    })
  })
})
