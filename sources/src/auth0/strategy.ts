import type { RegistrationEvent } from '@onsignup/core'
import { flag, text } from '../json.ts'

type Strategy = RegistrationEvent['context']['connection']['strategy']

// https://auth0.com/docs/authenticate/identity-providers (2026-11): what has neither its own database nor a code is
// either social or enterprise; these are the enterprise ones.
const ENTERPRISE = new Set([
  'ad',
  'adfs',
  'auth0-adldap',
  'custom',
  'google-apps',
  'ip',
  'office365',
  'oidc',
  'okta',
  'pingfederate',
  'samlp',
  'sharepoint',
  'waad',
])

const OF_TYPE: ReadonlyMap<string | null, Strategy> = new Map([
  ['database', 'database'],
  ['social', 'social'],
  ['enterprise', 'enterprise'],
  ['passwordless', 'passwordless'],
])

/** What Auth0 says of how a user signs in, under different names in each of its payloads. */
interface Hints {
  /** The connection's strategy or the identity's provider, as `auth0`, `sms` or `google-oauth2`. */
  readonly strategy: unknown
  /** A log record's `strategy_type`. */
  readonly type?: unknown
  /** An identity's `isSocial`. */
  readonly isSocial?: unknown
}

export const strategyOf = ({ strategy, type, isSocial }: Hints): Strategy => {
  const typed = OF_TYPE.get(text(type))
  if (typed !== undefined) return typed
  const name = text(strategy)
  if (name === 'auth0') return 'database'
  if (name === 'email' || name === 'sms') return 'passwordless'
  if (flag(isSocial) === true) return 'social'
  if (name !== null && ENTERPRISE.has(name)) return 'enterprise'
  return 'unknown'
}
