import type { RegistrationEvent } from '@onsignup/core'

/** The `user` of an Action's event. What is not known is absent; an unknown flag is false. */
export interface Auth0ActionUser {
  /** With its prefix, as `auth0|abc`. */
  user_id: string
  email?: string
  email_verified: boolean
  username?: string
  phone_number?: string
  phone_verified?: boolean
  name?: string
  nickname?: string
  given_name?: string
  family_name?: string
  picture?: string
  created_at: string
  updated_at: string
  user_metadata: Record<string, unknown>
  app_metadata: Record<string, unknown>
}

/** The `event` of `onExecutePostUserRegistration`. An unknown text that scripts read unguarded is empty. */
export interface Auth0ActionEvent {
  connection: { id: string; name: string; strategy: string; metadata: Record<string, string> }
  request: {
    ip: string
    method: string
    language?: string
    user_agent?: string
    geoip: Record<string, never>
  }
  secrets: Record<string, string>
  tenant: { id: string }
  transaction: { acr_values: string[]; locale: string; requested_scopes: string[]; ui_locales: string[] }
  user: Auth0ActionUser
}

// https://auth0.com/docs/customize/actions/reference/post-user-registration/post-user-registration-event-object:
// Auth0 calls its database connections' strategy auth0, the passwordless ones email and sms, the others by their name.
const strategyOf = ({ context, user, source }: RegistrationEvent): string => {
  const { strategy, name } = context.connection
  if (strategy === 'database') return 'auth0'
  if (strategy === 'passwordless') return user.phone !== null && user.email === null ? 'sms' : 'email'
  const [identity] = user.identities
  if (identity !== undefined) return identity.provider
  // What a Hook is called with does not say it. Hooks ran for databases and for passwordless connections alone, and
  // Auth0 has one of these for each strategy, called by its name.
  const isOfHook = strategy === 'unknown' && source.provider === 'auth0'
  return isOfHook && name !== 'email' && name !== 'sms' ? 'auth0' : (name ?? '')
}

/** The id with its prefix, which what a Hook is called with lacks. */
const userIdOf = (event: RegistrationEvent): string => {
  const { id } = event.user
  const prefix = strategyOf(event)
  const isBare = event.source.provider === 'auth0' && !id.includes('|') && prefix !== ''
  return isBare ? `${prefix}|${id}` : id
}

const userOf = (event: RegistrationEvent): Auth0ActionUser => {
  const { user, occurredAt } = event
  return {
    user_id: userIdOf(event),
    ...(user.email !== null && { email: user.email }),
    email_verified: user.emailVerified ?? false,
    ...(user.username !== null && { username: user.username }),
    ...(user.phone !== null && { phone_number: user.phone }),
    ...(user.phoneVerified !== null && { phone_verified: user.phoneVerified }),
    ...(user.name !== null && { name: user.name }),
    ...(user.nickname !== null && { nickname: user.nickname }),
    ...(user.givenName !== null && { given_name: user.givenName }),
    ...(user.familyName !== null && { family_name: user.familyName }),
    ...(user.picture !== null && { picture: user.picture }),
    created_at: user.createdAt ?? occurredAt,
    // A user who has just registered was changed by nobody since.
    updated_at: user.createdAt ?? occurredAt,
    user_metadata: structuredClone(user.user_metadata),
    app_metadata: structuredClone(user.app_metadata),
  }
}

/** The event as an Action sees it: made anew for each call. */
export const actionView = (
  event: RegistrationEvent,
  secrets: Readonly<Record<string, string>>,
): Auth0ActionEvent => {
  const { connection, request, requestLanguage } = event.context
  return {
    connection: {
      id: connection.id ?? '',
      name: connection.name ?? '',
      strategy: strategyOf(event),
      metadata: {},
    },
    request: {
      ip: request.ip ?? '',
      method: '',
      ...(requestLanguage !== null && { language: requestLanguage }),
      ...(request.userAgent !== null && { user_agent: request.userAgent }),
      geoip: {},
    },
    secrets: { ...secrets },
    tenant: { id: event.user.tenant ?? connection.tenant ?? '' },
    transaction: { acr_values: [], locale: requestLanguage ?? '', requested_scopes: [], ui_locales: [] },
    user: userOf(event),
  }
}
