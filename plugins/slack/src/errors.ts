import type { FailureKind } from '@onsignup/core'

/** What a signal means. `channel` is misconfigured, or rejected if the channel comes from the event. */
export interface Meaning {
  readonly kind: FailureKind | 'channel'
  readonly mend?: string
  /** Milliseconds. */
  readonly after?: number
}

const rows = (meaning: Meaning, codes: string): readonly (readonly [string, Meaning])[] =>
  codes.split(/\s+/).map((code) => [code, meaning] as const)

const HOUR = 3_600_000

const NEW_TOKEN =
  'install the app in the workspace again and write its new Bot User OAuth Token (api.slack.com/apps, OAuth & Permissions)'
const SCOPE =
  'give the app the scope that Slack asks for (api.slack.com/apps, OAuth & Permissions) and install it again'
const POLICY = "ask the workspace's administrators to let the app post"
const CHANNEL =
  "write the channel's ID (in Slack: the channel's details, at the bottom) and see that the app can reach it"
const TEMPLATE = 'correct `text` or `blocks`, then retry the delivery'

/** Slack's own error codes. https://docs.slack.dev/reference/methods/chat.postMessage#errors (2026-11) */
export const PLATFORM: ReadonlyMap<string, Meaning> = new Map([
  ...rows({ kind: 'throttled', after: 30_000 }, 'ratelimited rate_limited'),
  ...rows(
    {
      kind: 'retry',
      after: HOUR,
      mend: 'the workspace sends more than Slack allows: see what else posts there',
    },
    'message_limit_exceeded',
  ),
  ...rows({ kind: 'retry' }, 'service_unavailable request_timeout team_added_to_org org_login_required'),
  // "some aspect of the operation may have succeeded": https://docs.slack.dev/reference/methods/chat.postMessage#errors
  ...rows({ kind: 'unknown' }, 'fatal_error internal_error'),

  ...rows(
    { kind: 'misconfigured', mend: NEW_TOKEN },
    'invalid_auth not_authed account_inactive token_revoked token_expired',
  ),
  ...rows({ kind: 'misconfigured', mend: SCOPE }, 'missing_scope no_permission'),
  ...rows(
    { kind: 'misconfigured', mend: 'write a Bot User OAuth Token, which begins with xoxb-' },
    'not_allowed_token_type as_user_not_supported metadata_must_be_sent_from_app',
  ),
  ...rows(
    { kind: 'misconfigured', mend: POLICY },
    'access_denied accesslimited ekm_access_denied enterprise_is_restricted team_access_not_granted two_factor_setup_required',
  ),
  ...rows(
    { kind: 'misconfigured', mend: 'check `api_url`, and see whether a newer version of this plugin is out' },
    'deprecated_endpoint method_deprecated unknown_method',
  ),

  ...rows({ kind: 'channel', mend: CHANNEL }, 'channel_not_found team_not_found messages_tab_disabled'),
  ...rows({ kind: 'channel', mend: 'invite the app to the channel: /invite @app-name' }, 'not_in_channel'),
  ...rows({ kind: 'channel', mend: 'unarchive the channel, or write another' }, 'is_archived'),
  ...rows(
    { kind: 'channel', mend: "let the app post there (the channel's settings), or write another channel" },
    `restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel
    restricted_action_non_threadable_channel restricted_action_thread_locked slack_connect_canvas_sharing_blocked
    slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked slack_connect_clip_sharing_blocked
    slack_connect_blocked_file_type`,
  ),

  ...rows(
    { kind: 'rejected', mend: TEMPLATE },
    `no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format invalid_attachments
    too_many_attachments too_many_contact_cards attachment_payload_limit_exceeded invalid_arguments invalid_arg_name
    invalid_array_arg invalid_charset invalid_form_data invalid_post_type missing_post_type invalid_metadata_format
    invalid_metadata_schema metadata_too_large markdown_text_conflict cannot_reply_to_message missing_file_data`,
  ),
])

const NEW_WEBHOOK =
  'make a new webhook (api.slack.com/apps, Incoming Webhooks) and write its address as `webhook_url`'

/** Words of incoming webhooks. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors (2026-11) */
export const WEBHOOK: ReadonlyMap<string, Meaning> = new Map([
  ...rows(
    { kind: 'misconfigured', mend: NEW_WEBHOOK },
    'no_service no_service_id no_team invalid_token team_disabled channel_not_found',
  ),
  ...rows(
    { kind: 'misconfigured', mend: POLICY },
    'action_prohibited posting_to_general_channel_denied user_not_found',
  ),
  ...rows(
    { kind: 'misconfigured', mend: 'unarchive the channel, or make a webhook for another' },
    'channel_is_archived',
  ),
  ...rows({ kind: 'rejected', mend: TEMPLATE }, 'invalid_payload no_text too_many_attachments'),
  // "generic error": whether it was posted is not said.
  ...rows({ kind: 'unknown' }, 'rollup_error'),
])

/** At which counted try a code that nobody listed ends a delivery: Slack adds codes for passing troubles too. */
export const UNLISTED_TRIES = 3
export const UNLISTED = { kind: 'retry' } as const satisfies Meaning
export const UNLISTED_AT_LAST = {
  kind: 'rejected',
  mend: "look the code up in Slack's docs (docs.slack.dev, chat.postMessage, errors), mend what it says, then retry the delivery",
} as const satisfies Meaning

const UNREACHABLE: Meaning = {
  kind: 'retry',
  mend: 'see whether this machine can reach Slack: network, DNS, proxy',
}
const CERTIFICATE: Meaning = {
  kind: 'misconfigured',
  mend: 'check `api_url` and what stands between: TLS fails, or the certificate is not trusted (NODE_EXTRA_CA_CERTS adds an authority)',
}
const REDIRECT: Meaning = {
  kind: 'misconfigured',
  mend: 'write the final address as `api_url`: redirects are not followed, since the token would go along',
}

/** Codes of failed connections, from Node and undici. Those not named here may have been sent: unknown. */
export const TRANSPORT: ReadonlyMap<string, Meaning> = new Map([
  ...rows(
    UNREACHABLE,
    'ECONNREFUSED ENOTFOUND EAI_AGAIN ENETUNREACH EHOSTUNREACH ENETDOWN EHOSTDOWN UND_ERR_CONNECT_TIMEOUT ERR_TLS_HANDSHAKE_TIMEOUT',
  ),
  ...rows(
    CERTIFICATE,
    `CERT_HAS_EXPIRED CERT_NOT_YET_VALID CERT_REVOKED CERT_UNTRUSTED CERT_REJECTED DEPTH_ZERO_SELF_SIGNED_CERT
    SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY EPROTO`,
  ),
  ...rows({ kind: 'misconfigured', mend: 'check `api_url`' }, 'ERR_INVALID_URL'),
  ...rows(REDIRECT, 'unexpected_redirect'),
])

const TRANSPORT_PREFIXES: readonly (readonly [string, Meaning])[] = [
  ['ERR_TLS_CERT_', CERTIFICATE],
  ['ERR_SSL_', CERTIFICATE],
]

export const transportMeaning = (code: string): Meaning | undefined =>
  TRANSPORT.get(code) ?? TRANSPORT_PREFIXES.find(([prefix]) => code.startsWith(prefix))?.[1]

/** HTTP statuses other than 200; first match. Slack itself answers with 200 and 429 only, so most are a proxy's. */
export const STATUSES: readonly { readonly from: number; readonly to: number; readonly meaning: Meaning }[] =
  [
    { from: 408, to: 408, meaning: { kind: 'retry' } },
    { from: 425, to: 425, meaning: { kind: 'retry' } },
    { from: 429, to: 429, meaning: { kind: 'throttled', after: 60_000 } },
    {
      from: 400,
      to: 499,
      meaning: { kind: 'misconfigured', mend: 'check `api_url` and the proxies on the way to Slack' },
    },
    { from: 500, to: 599, meaning: { kind: 'retry' } },
    { from: 300, to: 399, meaning: REDIRECT },
  ]
