import { z } from 'zod'

const text = (description: string) => z.string().nullable().meta({ description })
const flag = (description: string) => z.boolean().nullable().meta({ description })
const time = (description: string) => z.iso.datetime().meta({ description })
const open = (description: string) => z.record(z.string(), z.json()).meta({ description })

const user = z.object({
  id: z.string().meta({ description: "The provider's full id, its prefix kept, as auth0|abc." }),
  tenant: text('The tenant or realm that the user belongs to.'),
  username: text('The name the user signs in with.'),
  email: text('The e-mail address as given.'),
  emailVerified: flag('Whether the address was verified; null when the provider does not say.'),
  phone: text('The phone number as given.'),
  phoneVerified: flag('Whether the number was verified; null when the provider does not say.'),
  name: text('The full name.'),
  givenName: text('The given name.'),
  familyName: text('The family name.'),
  nickname: text('What the user wants to be called.'),
  picture: text("The address of the user's picture."),
  locale: text("The user's language, as de-AT."),
  createdAt: z.iso.datetime().nullable().meta({ description: 'When the account was made.' }),
  isAnonymous: z.boolean().meta({ description: 'Whether the account has no credentials yet.' }),
  user_metadata: open('What the user may edit: never trust it for authorisation.'),
  app_metadata: open('What the operator keeps about the user.'),
  identities: z
    .array(
      z.object({
        provider: z.string(),
        userId: z.string().nullable(),
        connection: z.string().nullable(),
        isSocial: z.boolean(),
      }),
    )
    .meta({ description: 'The accounts this user signs in with.' }),
})

const named = z.object({ id: z.string(), name: z.string().nullable() }).nullable()

const context = z.object({
  connection: z.object({
    id: text("The connection's id."),
    name: text("The connection's name, as Username-Password-Authentication or google-oauth2."),
    tenant: text('The tenant of the connection.'),
    strategy: z
      .enum(['database', 'social', 'enterprise', 'passwordless', 'anonymous', 'unknown'])
      .meta({ description: 'How the user signed up.' }),
  }),
  origin: z
    .enum(['self', 'admin', 'import', 'jit', 'unknown'])
    .meta({ description: 'Who made the account.' }),
  requestLanguage: text('The language of the sign-up request.'),
  request: z.object({ ip: text('The address of the request.'), userAgent: text('The browser.') }),
  client: named.meta({ description: 'The application that the user signed up through.' }),
  organization: named.meta({ description: 'The organisation that the user joined.' }),
  webtask: z.object({}).meta({ description: "Auth0's; always empty here." }),
})

/** The registration event as connectors get it: every key present, unknown is null. */
export const registrationEventSchema = z.object({
  specversion: z.literal('1'),
  id: z.uuid().meta({ description: 'The event id, the same over redeliveries.' }),
  type: z.literal('user.registered'),
  occurredAt: time("When the user registered: the provider's time where it gives one."),
  receivedAt: time('When it was accepted here.'),
  source: z.object({
    id: z.string().meta({ description: "The operator's name of the way in." }),
    provider: z.string().meta({ description: 'The identity provider, as auth0, clerk or custom.' }),
    eventType: text("The provider's own type of the event."),
    eventId: text("The provider's own id of the event."),
    deliveryId: text("The provider's id of this delivery of the event."),
    verifiedBy: z.enum(['hmac', 'jwt', 'static-secret', 'none']),
    test: z.boolean().meta({ description: "Whether it is the provider's test event." }),
    historical: z.boolean().meta({
      description: 'Whether the user registered before this was there, and connectors run by backfill alone.',
    }),
  }),
  user,
  context,
})

/** A user registered: immutable once accepted. */
export type RegistrationEvent = z.infer<typeof registrationEventSchema>
