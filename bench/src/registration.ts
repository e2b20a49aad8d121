import type { RegistrationInput } from '@onsignup/core'

/** The connectors of every engine: an event means one delivery to each. */
export const CONNECTORS = ['chat', 'crm', 'mail'] as const

const BIO = 'Keeps bees, repairs clocks and writes about both. '.repeat(6)

/** The nth registration, of a user of its own: about 1 KB of JSON. */
export const registration = (n: number) =>
  ({
    user: {
      id: `auth0|${String(n).padStart(24, '0')}`,
      tenant: 'acme',
      username: `user-${n}`,
      email: `user-${n}@example.com`,
      emailVerified: true,
      phone: '+1-000-000-0000',
      phoneVerified: false,
      name: 'Ada Example',
      givenName: 'Ada',
      familyName: 'Example',
      picture: `https://cdn.example.com/avatars/${n}.png`,
      locale: 'en-GB',
      createdAt: '2026-01-02T03:04:05.000Z',
      user_metadata: { company: 'Acme', hobby: 'surfing', newsletter: true, bio: BIO },
      app_metadata: { plan: 'full', roles: ['member'], campaign: 'spring' },
    },
    context: {
      connection: {
        id: 'con_0123456789abcdef',
        name: 'Username-Password-Authentication',
        tenant: 'acme',
        strategy: 'database',
      },
      requestLanguage: 'en-GB',
      request: { ip: '192.0.2.10', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' },
    },
  }) satisfies RegistrationInput

export type Registration = ReturnType<typeof registration>
