import type { RegistrationEvent } from '@onsignup/core'

/** The `user` of a post-user-registration Hook. What is not known is absent; an unknown flag is false. */
export interface Auth0HookUser {
  /** Without the `auth0|` in front. */
  id: string
  tenant: string
  username?: string
  email?: string
  emailVerified: boolean
  phoneNumber?: string
  phoneNumberVerified: boolean
  phone?: string
  phoneVerified: boolean
  user_metadata: Record<string, unknown>
  app_metadata: Record<string, unknown>
}

/** What Auth0 adds around the event. */
export interface Auth0HookWebtask {
  /** The delivery's idempotency key: the same over all attempts. */
  id: string
  secrets: Record<string, string>
  /** The secrets again, where Auth0 merged query, parameters and secrets. */
  data: Record<string, string>
  meta: Record<string, string>
  headers: Record<string, string>
  params: Record<string, string>
  query: Record<string, string>
  /** The request as Auth0 sent it. */
  body: { user: Auth0HookUser; context: Omit<Auth0HookContext, 'webtask'> }
}

/** The `context` of a post-user-registration Hook. */
export interface Auth0HookContext {
  requestLanguage: string
  connection: { id: string; name: string; tenant: string }
  webtask: Auth0HookWebtask
}

/** What a Hook is called with. */
export interface Auth0HookView {
  readonly user: Auth0HookUser
  readonly context: Auth0HookContext
}

// https://auth0.com/docs/customize/hooks/extensibility-points/post-user-registration, 2023-05: the id comes
// "without auth0| database prefix". Other providers' ids may hold a | of their own.
const bareId = (id: string, provider: string): string =>
  id.startsWith('auth0|') || provider === 'auth0' ? id.slice(id.indexOf('|') + 1) : id

const userOf = ({ user, context, source }: RegistrationEvent): Auth0HookUser => ({
  id: bareId(user.id, source.provider),
  tenant: user.tenant ?? context.connection.tenant ?? '',
  ...(user.username !== null && { username: user.username }),
  ...(user.email !== null && { email: user.email }),
  emailVerified: user.emailVerified ?? false,
  ...(user.phone !== null && { phoneNumber: user.phone }),
  phoneNumberVerified: user.phoneVerified ?? false,
  ...(user.phone !== null && { phone: user.phone }),
  phoneVerified: user.phoneVerified ?? false,
  user_metadata: structuredClone(user.user_metadata),
  app_metadata: structuredClone(user.app_metadata),
})

const contextOf = ({ user, context }: RegistrationEvent): Omit<Auth0HookContext, 'webtask'> => ({
  requestLanguage: context.requestLanguage ?? '',
  connection: {
    id: context.connection.id ?? '',
    name: context.connection.name ?? '',
    tenant: context.connection.tenant ?? user.tenant ?? '',
  },
})

/** What the operator adds. */
export interface Auth0HookSettings {
  readonly secrets: Readonly<Record<string, string>>
  readonly meta: Readonly<Record<string, string>>
}

/** The event as a Hook sees it: made anew for each call, so that a Hook changes it for nobody else. */
export const hookView = (
  event: RegistrationEvent,
  id: string,
  settings: Auth0HookSettings,
): Auth0HookView => ({
  user: userOf(event),
  context: {
    ...contextOf(event),
    webtask: {
      id,
      secrets: { ...settings.secrets },
      data: { ...settings.secrets },
      meta: { ...settings.meta },
      headers: {},
      params: {},
      query: {},
      body: { user: userOf(event), context: contextOf(event) },
    },
  },
})
