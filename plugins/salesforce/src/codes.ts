/** What a row comes to. `lost`: retry when a repeat is harmless, else unknown. */
export type Verdict = 'retry' | 'throttled' | 'misconfigured' | 'rejected' | 'skipped' | 'lost'

/** Matches an error when all that it says holds; the first row that matches counts. */
export interface Row {
  readonly codes: readonly (string | RegExp)[]
  /** Only when the message says so. */
  readonly says?: RegExp
  /** Only when the error is about such a field. */
  readonly about?: 'external id' | 'unmapped field'
  readonly verdict: Verdict
  /** Milliseconds, where the answer itself names no time. */
  readonly after?: number
  /** After so many retries that did not help it ends so. */
  readonly tries?: number
  readonly ends?: 'misconfigured' | 'rejected'
  /** The option that may say reject in place of skip. */
  readonly option?: 'on_duplicate' | 'on_converted'
  readonly mend?: string
}

const MINUTE = 60_000

const CLIENT =
  'check client_id and client_secret (or the key, or the refresh token), and that the External Client App allows that flow for the user'
const PERMISSION = "give the app's run-as user permission to create and edit the object and each mapped field"

/** Salesforce's codes and ours (SF_…, HTTP_…), after its REST and OAuth references (2026-06). Not listed: UNLISTED. */
export const ROWS: readonly Row[] = [
  // Rates. Salesforce says 403, not 429, when the calls of the day are used up (airbytehq/airbyte#18597).
  {
    codes: ['REQUEST_LIMIT_EXCEEDED'],
    says: /concurrent/i,
    verdict: 'throttled',
    after: 15_000,
    mend: 'lower concurrency; the org runs too many long calls at once',
  },
  {
    codes: ['REQUEST_LIMIT_EXCEEDED'],
    verdict: 'throttled',
    after: 15 * MINUTE,
    mend: 'wait, or raise the API calls of the org: those of the last 24 hours are used up',
  },
  { codes: ['TOO_MANY_APEX_REQUESTS'], verdict: 'throttled', after: 15_000, mend: 'lower concurrency' },
  {
    codes: ['HTTP_429', 'HTTP_420', 'rate_limit_exceeded', 'slow_down'],
    verdict: 'throttled',
    after: MINUTE,
  },

  // Salesforce could not just now.
  { codes: [/./], says: /UNABLE_TO_LOCK_ROW/, verdict: 'retry' },
  {
    codes: [
      'UNABLE_TO_LOCK_ROW',
      'QUERY_TIMEOUT',
      'REQUEST_RUNNING_TOO_LONG',
      'SERVER_UNAVAILABLE',
      'MATCH_SERVICE_TIMED_OUT',
      'MATCH_SERVICE_UNAVAILABLE_ERROR',
      'RECORD_IN_USE_BY_WORKFLOW',
      'TERRITORY_REALIGN_IN_PROGRESS',
      'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE',
      'PROCESSING_HALTED',
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'SF_NOT_SENT',
      'SF_UNREADABLE_TOKEN',
      /^HTTP_(406|409|5\d\d)$/,
    ],
    verdict: 'retry',
  },
  {
    codes: ['invalid_grant'],
    says: /already being processed|expired authorization code/i,
    verdict: 'retry',
    after: MINUTE,
  },
  {
    codes: [
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ENETUNREACH',
      'EHOSTUNREACH',
      'UND_ERR_CONNECT_TIMEOUT',
    ],
    verdict: 'retry',
    mend: 'check login_url, and that this machine may reach it',
  },

  // What came of it is not known.
  {
    codes: ['UNKNOWN_EXCEPTION', 'SF_NO_ANSWER', 'SF_UNREADABLE_ANSWER'],
    verdict: 'lost',
  },
  {
    codes: ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', /^UND_ERR_(SOCKET|HEADERS_TIMEOUT|BODY_TIMEOUT|ABORTED)$/],
    verdict: 'lost',
  },

  // The operator's to mend.
  {
    codes: ['invalid_grant'],
    says: /domain/i,
    verdict: 'misconfigured',
    mend: 'set login_url to the My Domain URL of the org: login.salesforce.com takes no client credentials',
  },
  {
    codes: [
      'invalid_grant',
      'invalid_client',
      'invalid_client_id',
      'invalid_client_credentials',
      'invalid_request',
      'unauthorized_client',
      'unsupported_grant_type',
      'inactive_user',
      'inactive_org',
      'app_not_found',
      'invalid_app_access',
      'INVALID_LOGIN',
      'INVALID_AUTH_HEADER',
    ],
    verdict: 'misconfigured',
    mend: CLIENT,
  },
  {
    codes: ['INVALID_SESSION_ID', 'SF_SESSION_REJECTED', 'HTTP_401'],
    verdict: 'misconfigured',
    mend: 'check that the app may use the API (scope api) and that its IP and session policies let this machine in',
  },
  {
    codes: ['API_DISABLED_FOR_ORG', 'API_CURRENTLY_DISABLED', 'FUNCTIONALITY_NOT_ENABLED'],
    verdict: 'misconfigured',
    mend: 'use an edition and a run-as user with API access',
  },
  {
    codes: [/CERT/, /^ERR_(TLS|SSL)/, /^(UNABLE_TO_(VERIFY|GET_ISSUER)|DEPTH_ZERO|SELF_SIGNED)/],
    verdict: 'misconfigured',
    mend: 'check login_url; for a private certificate authority set NODE_EXTRA_CA_CERTS',
  },
  {
    codes: ['SF_REDIRECTED', 'SF_FOREIGN_ORIGIN', 'ERR_INVALID_URL'],
    verdict: 'misconfigured',
    mend: 'set login_url to the My Domain URL that the org has now',
  },
  {
    codes: ['NOT_FOUND', 'INVALID_TYPE', 'METHOD_NOT_ALLOWED', 'HTTP_404', 'HTTP_405'],
    verdict: 'misconfigured',
    mend: 'check login_url, object and external_id.field, and that the run-as user may see them',
  },
  {
    codes: ['INVALID_FIELD', 'INVALID_FIELD_FOR_INSERT_UPDATE', 'INVALID_EXTERNAL_ID_FIELD_NAME'],
    verdict: 'misconfigured',
    mend: `check the names under fields and external_id.field; ${PERMISSION}`,
  },
  {
    codes: [/^INSUFFICIENT_ACCESS/, 'CANNOT_INSERT_UPDATE', 'HTTP_403'],
    verdict: 'misconfigured',
    mend: PERMISSION,
  },
  {
    codes: ['UNSUPPORTED_API_VERSION', 'GONE', 'HTTP_410'],
    verdict: 'misconfigured',
    mend: 'set api_version to a version that the org offers',
  },
  {
    codes: ['MULTIPLE_CHOICES', 'DUPLICATE_EXTERNAL_ID'],
    verdict: 'misconfigured',
    mend: 'make the external id field unique and merge the records that share an id',
  },
  {
    codes: ['INVALID_ASSIGNMENT_RULE', 'INACTIVE_OWNER_OR_USER'],
    verdict: 'misconfigured',
    mend: 'mend the assignment rule or the owner that it names',
  },
  {
    codes: ['STORAGE_LIMIT_EXCEEDED', 'LICENSE_LIMIT_EXCEEDED'],
    verdict: 'misconfigured',
    after: 60 * MINUTE,
    mend: 'free storage or licences of the org',
  },
  {
    codes: ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'CANNOT_EXECUTE_FLOW_TRIGGER', 'CUSTOM_APEX_ERROR'],
    verdict: 'retry',
    tries: 3,
    ends: 'misconfigured',
    mend: "mend the org's trigger or flow that the message names",
  },
  {
    codes: ['REQUIRED_FIELD_MISSING'],
    about: 'unmapped field',
    verdict: 'misconfigured',
    mend: 'map the field under fields',
  },

  // This sign-up cannot be written.
  {
    codes: ['REQUIRED_FIELD_MISSING'],
    verdict: 'rejected',
    mend: "give the field's template a default: {{ … | default: '[not provided]' }}",
  },
  { codes: ['DUPLICATE_VALUE'], about: 'external id', verdict: 'retry' },
  {
    codes: ['DUPLICATE_VALUE'],
    verdict: 'rejected',
    mend: 'another record holds this value of a unique field',
  },
  {
    codes: [
      'STRING_TOO_LONG',
      'INVALID_EMAIL_ADDRESS',
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      'FIELD_INTEGRITY_EXCEPTION',
      'NUMBER_OUTSIDE_VALID_RANGE',
      'INVALID_CROSS_REFERENCE_KEY',
      'MALFORMED_ID',
      'JSON_PARSER_ERROR',
      'TEXT_DATA_OUTSIDE_SUPPORTED_CHARSET',
      'ENTITY_IS_DELETED',
      'HTTP_413',
    ],
    verdict: 'rejected',
    mend: "change the field's template so that it fits, then retry the delivery",
  },

  // Salesforce has the person already.
  {
    codes: ['DUPLICATES_DETECTED'],
    verdict: 'skipped',
    option: 'on_duplicate',
    mend: 'merge the record with the one that it duplicates, or change the duplicate rule',
  },
  {
    codes: ['CANNOT_UPDATE_CONVERTED_LEAD'],
    verdict: 'skipped',
    option: 'on_converted',
    mend: 'write to the contact that the lead became',
  },
]

/** A refusal whose code is none of these: it may pass, and if it does not, it is about this record. */
export const UNLISTED: Row = {
  codes: [],
  verdict: 'retry',
  tries: 3,
  ends: 'rejected',
  mend: 'look the code up in the Salesforce documentation, then retry the delivery',
}
