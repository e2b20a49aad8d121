import type { FailureKind } from '@onsignup/core'

/** One row of what a token endpoint says, and what it means. */
export interface TokenRow {
  /** The `error` of RFC 6749, 5.2; a row without one is for the status. */
  readonly error?: RegExp
  readonly status?: RegExp
  readonly kind: FailureKind
  /** What happened, told of the token endpoint. */
  readonly what: string
  readonly mend: string
}

/** What each answer of a token endpoint means; the first row that fits decides. */
export const TOKEN_CLASSES: readonly TokenRow[] = [
  {
    error: /^(?:temporarily_unavailable|server_error)$/,
    kind: 'retry',
    what: 'gives no token just now',
    mend: 'wait; nothing is lost',
  },
  {
    error: /^invalid_grant$/,
    kind: 'misconfigured',
    what: 'no longer takes the grant: it expired, was revoked, or is for another app',
    mend: 'grant the app the mailbox anew and put in its refresh_token; for a service account, delegate the domain to it',
  },
  {
    error: /^invalid_client$/,
    kind: 'misconfigured',
    what: 'does not know the app, or its secret is wrong or expired',
    mend: 'correct client_id and client_secret; make a new secret where the old one expired',
  },
  {
    error: /^(?:unauthorized_client|access_denied|unsupported_grant_type)$/,
    kind: 'misconfigured',
    what: 'does not let this app have such a token',
    mend: 'allow the app this flow and this scope, with the consent of an administrator',
  },
  {
    error: /^(?:invalid_scope|invalid_request|invalid_target|invalid_resource)$/,
    kind: 'misconfigured',
    what: 'does not understand the request',
    mend: 'correct token_url and scope',
  },
  {
    status: /^(?:408|425|429|5\d\d)$/,
    kind: 'retry',
    what: 'gives no token just now',
    mend: 'wait; nothing is lost',
  },
  {
    status: /^\d\d\d$/,
    kind: 'misconfigured',
    what: 'gives no token',
    mend: 'correct token_url',
  },
]

/** For an endpoint that does not answer. */
export const NO_ANSWER: TokenRow = {
  kind: 'retry',
  what: 'cannot be reached',
  mend: 'check token_url, and that no firewall is in between',
}
