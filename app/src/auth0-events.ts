import { z } from 'zod'

/**
 * What Auth0's editor ran a Hook on (https://auth0.com/docs/customize/hooks/extensibility-points/post-user-registration,
 * 2023-05). It has no `user.id`.
 */
const HOOK_SAMPLE = {
  user: {
    tenant: 'my-tenant',
    username: 'user1',
    email: 'user1@foo.com',
    emailVerified: true,
    phoneNumber: '1-000-000-0000',
    phoneNumberVerified: true,
    user_metadata: { hobby: 'surfing' },
    app_metadata: { plan: 'full' },
  },
  context: {
    requestLanguage: 'en-us',
    connection: {
      id: 'con_xxxxxxxxxxxxxxxx',
      name: 'Username-Password-Authentication',
      tenant: 'my-tenant',
    },
  },
} as const

/** The same user for an Action; Auth0's own sample of its event is empty. */
const ACTION_SAMPLE = {
  ...HOOK_SAMPLE,
  user: {
    ...HOOK_SAMPLE.user,
    id: 'auth0|5f7c8ec7c33c6c004bbafe82',
    name: 'user1@foo.com',
    nickname: 'user1',
  },
  context: {
    ...HOOK_SAMPLE.context,
    connection: { ...HOOK_SAMPLE.context.connection, strategy: 'database' },
    request: { ip: '13.33.86.47', userAgent: 'curl/7.64.1' },
  },
  source: { provider: 'auth0' },
} as const

/** Auth0's sample event for a kind of script. */
export const sampleFor = (kind: 'hook' | 'action' | 'neither'): unknown =>
  kind === 'action' ? ACTION_SAMPLE : HOOK_SAMPLE

const text = z.string().nullish()
const flag = z.boolean().nullish()

// https://auth0.com/docs/customize/actions/reference/post-user-registration/post-user-registration-event-object, 2026-11.
const actionEvent = z.looseObject({
  user: z.looseObject({
    user_id: z.string(),
    email: text,
    email_verified: flag,
    username: text,
    phone_number: text,
    phone_verified: flag,
    name: text,
    nickname: text,
    given_name: text,
    family_name: text,
    picture: text,
    created_at: text,
    user_metadata: z.unknown().optional(),
    app_metadata: z.unknown().optional(),
  }),
  connection: z.looseObject({ id: text, name: text, strategy: text }).nullish(),
  request: z.looseObject({ ip: text, language: text, user_agent: text }).nullish(),
  tenant: z.looseObject({ id: text }).nullish(),
  transaction: z.looseObject({ locale: text }).nullish(),
})

/** An event as a file has it: what Auth0's editor tested an Action on becomes a registration, all else stays. */
export const registrationOf = (body: unknown): unknown => {
  const { success, data } = actionEvent.safeParse(body)
  if (!success) return body
  const { user, connection, request, tenant, transaction } = data
  return {
    source: { provider: 'auth0' },
    user: {
      id: user.user_id,
      tenant: tenant?.id,
      email: user.email,
      emailVerified: user.email_verified,
      username: user.username,
      phone: user.phone_number,
      phoneVerified: user.phone_verified,
      name: user.name,
      nickname: user.nickname,
      givenName: user.given_name,
      familyName: user.family_name,
      picture: user.picture,
      createdAt: user.created_at,
      user_metadata: user.user_metadata,
      app_metadata: user.app_metadata,
    },
    context: {
      connection: { ...connection, tenant: tenant?.id },
      requestLanguage: request?.language ?? transaction?.locale,
      request: { ip: request?.ip, userAgent: request?.user_agent },
    },
  }
}
