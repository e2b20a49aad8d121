/** As Auth0's Hook gave it, with all that decides the bytes of what is sent. */
export const ada = {
  user: {
    id: 'auth0|ada',
    tenant: 'acme',
    email: 'ada@example.com',
    emailVerified: true,
    givenName: 'Ada',
    familyName: 'Lovelace',
    createdAt: '2026-01-02T03:04:05.000Z',
    user_metadata: { company: 'Analytical & Sons' },
  },
  context: { connection: { id: 'con_1', name: 'Username-Password-Authentication', tenant: 'acme' } },
}

/** Another user each time the name is another. */
export const named = (name: string) => ({
  ...ada,
  user: { ...ada.user, id: `auth0|${name}`, email: `${name}@example.com` },
})
