import type { ScriptKind } from './exported.ts'

/** What a script may read of an argument: `true` is anything below; what is not listed is not there. */
interface Known {
  readonly [name: string]: true | Known
}

const fields = (...names: readonly string[]): Known => Object.fromEntries(names.map((name) => [name, true]))

// https://auth0.com/docs/customize/actions/reference/post-user-registration/post-user-registration-event-object
// and …-api-object, 2026-11.
const ACTION: Known = {
  event: {
    ...fields('authentication', 'custom_domain', 'secrets', 'security_context', 'tenant'),
    connection: fields('id', 'name', 'strategy', 'metadata'),
    request: fields('ip', 'method', 'hostname', 'language', 'user_agent', 'geoip'),
    transaction: fields(
      ...['acr_values', 'locale', 'login_hint', 'prompt', 'protocol', 'redirect_uri', 'requested_scopes'],
      ...['response_mode', 'response_type', 'state', 'ui_locales'],
    ),
    user: fields(
      ...[
        'user_id',
        'email',
        'email_verified',
        'username',
        'phone_number',
        'phone_verified',
        'name',
        'nickname',
      ],
      ...['given_name', 'family_name', 'picture', 'created_at', 'updated_at', 'last_password_reset'],
      ...['user_metadata', 'app_metadata'],
    ),
  },
  api: { cache: fields('get', 'set', 'delete') },
}

// https://auth0.com/docs/customize/hooks/extensibility-points/post-user-registration, 2023-05; the webtask is
// that of https://github.com/auth0/webtask-runtime, 1.7.1, without what makes tokens of Auth0's.
const HOOK: Known = {
  user: fields(
    ...['id', 'tenant', 'username', 'email', 'emailVerified', 'phoneNumber', 'phoneNumberVerified', 'phone'],
    ...['phoneVerified', 'user_metadata', 'app_metadata'],
  ),
  context: {
    requestLanguage: true,
    connection: fields('id', 'name', 'tenant'),
    webtask: fields(
      'id',
      'secrets',
      'data',
      'meta',
      'headers',
      'params',
      'query',
      'body',
      'body_raw',
      'storage',
    ),
  },
}

const MENDS: Readonly<Record<string, string>> = {
  'user.user_id': 'write user.id',
  'user.email_verified': 'write user.emailVerified',
  'user.phone_number': 'write user.phoneNumber',
  'user.phone_verified': 'write user.phoneNumberVerified',
  'user.name': 'write user.username || user.email',
  'context.clientID': 'take it out: a Hook never had the application',
  'context.clientId': 'take it out: a Hook never had the application',
  'context.webtask.create_token': 'take it out: there is no Webtask service outside of Auth0',
  'context.webtask.create_token_url': 'take it out: there is no Webtask service outside of Auth0',
  'event.user.id': 'write event.user.user_id',
  'event.user.emailVerified': 'write event.user.email_verified',
  'event.user.phoneNumber': 'write event.user.phone_number',
  'api.user': 'call the Management API, as with the auth0 package',
  'api.access': 'take it out: the user is registered already',
  'api.validation': 'take it out: the user is registered already',
}

/** The first step of a path that this kind of script does not have, or -1. */
export const firstUnknown = (kind: ScriptKind, names: readonly (string | null)[]): number => {
  if (kind === 'neither') return -1
  let known: true | Known | undefined = kind === 'action' ? ACTION : HOOK
  for (const [index, name] of names.entries()) {
    if (name === null || known === true || known === undefined) return -1
    if (!Object.hasOwn(known, name)) return index === 0 || name in Object.prototype ? -1 : index
    known = known[name]
  }
  return -1
}

/** What to do about something that is not there, by its first unknown step. */
export const mendOf = (kind: ScriptKind, what: string): string =>
  MENDS[what] ?? `take it out: ${kind === 'action' ? 'this trigger has' : 'a Hook has'} no ${what}`

/**
 * What Auth0's runtimes up to Node 12 defined without `require`.
 * https://auth0.com/docs/troubleshoot/product-lifecycle/past-migrations/migrate-nodejs-16-to-nodejs-18, 2026-11.
 */
export const MAGIC: ReadonlySet<string> = new Set([
  ...[
    '_',
    'async',
    'auth0',
    'azure_storage',
    'bcrypt',
    'crypto',
    'couchbase',
    'cql',
    'ip',
    'jwt',
    'Knex',
    'mongo',
  ],
  ...[
    'mysql',
    'mysql_pool',
    'ObjectID',
    'pbkdf2',
    'pg',
    'postgres',
    'Pubnub',
    'q',
    'querystring',
    'sqlserver',
  ],
  ...['uuid', 'xml2js', 'xmldom', 'xpath', 'xtend'],
])

/** `crypto` without `require` is the web's since Node 17, which has these. */
export const WEB_CRYPTO: ReadonlySet<string | null> = new Set([
  null,
  'subtle',
  'getRandomValues',
  'randomUUID',
])
