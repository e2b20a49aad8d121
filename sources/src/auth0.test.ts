import { describe, expect, test } from 'vitest'
import {
  endpointsOf,
  eventOf,
  head,
  normalised,
  read,
  readingOf,
  socialEvent,
  streamEvent,
} from './test-support.ts'

describe('an event of an Event Stream', () => {
  test('becomes a registration with all that it says', async () => {
    const { event } = await eventOf(socialEvent, {}, 'prod-auth0')
    expect(event).toMatchObject({
      occurredAt: '2026-11-20T10:00:00.512Z',
      source: {
        id: 'prod-auth0',
        provider: 'auth0',
        eventType: 'user.created',
        eventId: 'evt_2aBcDeFgHiJkLmNoPqRsTu',
        verifiedBy: 'static-secret',
        test: false,
      },
      user: {
        id: 'github|583231',
        tenant: 'acme',
        email: 'ada@example.com',
        emailVerified: true,
        phone: '+43123456',
        phoneVerified: false,
        name: 'Ada Lovelace',
        givenName: 'Ada',
        familyName: 'Lovelace',
        nickname: 'ada',
        picture: 'https://example.com/ada.png',
        createdAt: '2026-11-20T10:00:00.400Z',
        user_metadata: { company: 'Analytical & Sons' },
        app_metadata: { plan: 'full' },
        identities: [{ provider: 'github', userId: '583231', connection: 'github', isSocial: true }],
      },
      context: {
        connection: { id: 'con_1a5wCUmAs6VOU17n', name: 'github', tenant: 'acme', strategy: 'social' },
        origin: 'self',
        request: { ip: '192.0.2.7', userAgent: 'Mozilla/5.0' },
        client: { id: '360yuN1BXP4u3tBChK5VOgekgGJ7CwLL', name: 'Web shop' },
        organization: null,
      },
    })
  })

  test('as Auth0 really sends a test one, without data.context, is marked as a test', async () => {
    const { event } = await eventOf(streamEvent)
    expect(event).toMatchObject({
      source: { test: true },
      user: { id: 'auth0|679fb1b1e809445f129bc18d', tenant: 'acme' },
      context: {
        connection: { id: null, name: 'Username-Password-Authentication', strategy: 'database' },
        origin: 'unknown',
      },
    })
  })

  test('in the form of the older page is known too', async () => {
    const { specversion: _, ...rest } = socialEvent
    const older = { ...rest, spec_version: '1.0', type: 'com.auth0.user.created' }
    expect((await eventOf(older)).event.user.id).toBe('github|583231')
  })

  test.each(['user.updated', 'user.deleted', 'organization.created'])(
    'of type %s is ignored',
    async (type) => {
      expect(await readingOf({ ...socialEvent, type })).toMatchObject({ registrations: [], ignored: 1 })
    },
  )

  test('is taken with what its members of the wrong type do not say', async () => {
    const object = {
      ...socialEvent.data.object,
      email: 5,
      email_verified: 'yes',
      created_at: 'yesterday',
      user_metadata: 'no JSON',
      app_metadata: [1],
      identities: [5, { provider: 1, user_id: 2 ** 60 }],
    }
    const { event } = await eventOf({ ...socialEvent, time: '+275760', data: { object } })
    expect(event.user).toMatchObject({
      email: null,
      emailVerified: null,
      createdAt: null,
      user_metadata: {},
      app_metadata: {},
    })
    expect(event.user.identities).toEqual([
      { provider: 'unknown', userId: null, connection: null, isSocial: false },
    ])
    expect(event.occurredAt).toBe('1970-01-01T00:00:00.000Z')
  })

  test('without a user_id has the one of its first identity', async () => {
    const { user_id: _, ...object } = socialEvent.data.object
    expect((await eventOf({ ...socialEvent, data: { object } })).event.user.id).toBe('github|583231')
  })

  test('without any id of the user is unreadable, and named by its own', async () => {
    const reading = await readingOf({ ...socialEvent, data: { object: {} } })
    expect(reading).toMatchObject({
      registrations: [],
      unreadable: [{ eventId: 'evt_2aBcDeFgHiJkLmNoPqRsTu' }],
    })
  })
})

describe("an Action's event", () => {
  const action = {
    connection: { id: 'con_1', name: 'github', strategy: 'github' },
    tenant: { id: 'acme' },
    request: { ip: '192.0.2.7', user_agent: 'Mozilla/5.0', language: 'de-AT' },
    user: {
      user_id: 'github|583231',
      created_at: '2026-11-20T10:00:00.400Z',
      email: 'ada@example.com',
      email_verified: true,
      user_metadata: {},
      app_metadata: {},
    },
  }

  test('becomes a registration', async () => {
    const { event } = await eventOf({
      ...action,
      user: { ...action.user, identities: socialEvent.data.object.identities },
      client: { client_id: 'cli_1', name: 'Web shop' },
      organization: { id: 'org_1', name: 'sons', display_name: 'Sons' },
    })
    expect(event).toMatchObject({
      occurredAt: '2026-11-20T10:00:00.400Z',
      source: { eventType: 'action', eventId: null, provider: 'auth0' },
      user: { id: 'github|583231', tenant: 'acme', email: 'ada@example.com', emailVerified: true },
      context: {
        connection: { id: 'con_1', name: 'github', tenant: 'acme', strategy: 'social' },
        origin: 'unknown',
        requestLanguage: 'de-AT',
        request: { ip: '192.0.2.7', userAgent: 'Mozilla/5.0' },
        client: { id: 'cli_1', name: 'Web shop' },
        organization: { id: 'org_1', name: 'Sons' },
      },
    })
  })

  test('names the same user as the Event Stream and the log stream do', async () => {
    const data = { type: 'ss', user_id: 'github|583231', tenant_name: 'acme' }
    const keys = [
      ...(await normalised(action)),
      ...(await normalised(socialEvent)),
      ...(await normalised([{ log_id: '1', data }])),
    ].map(({ keys: { user } }) => user)
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
  })

  test('without an id of the user is unreadable', async () => {
    expect(await readingOf({ ...action, user: { user_id: '' } })).toMatchObject({
      unreadable: [{ eventId: null }],
    })
  })
})

test('the tenant of the configuration stands in where the payload has none, and only there', async () => {
  const record = { log_id: '1', data: { type: 'ss', user_id: 'auth0|1' } }
  expect((await eventOf(record, { tenant: 'acme' })).event.user.tenant).toBe('acme')
  expect((await eventOf(socialEvent, { tenant: 'other' })).event.user.tenant).toBe('acme')
})

describe('a hostile body', () => {
  test.each(['', '   ', '{', 'no\nJSON', '\0'])('%j is refused as no JSON', async (body) => {
    expect(await read(body)).toMatchObject({ kind: 'refused', status: 400, code: 'invalid_json' })
  })

  test.each([['null'], ['5'], ['"text"'], ['{}'], ['{"user":{}}'], ['{"type":"user.created"}']])(
    '%s is unreadable',
    async (body) => {
      expect(await readingOf(body)).toMatchObject({
        registrations: [],
        unreadable: [expect.anything()],
      })
    },
  )

  test('of 100 000 lists in each other ends nothing', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(await readingOf(deep)).toMatchObject({ registrations: [], unreadable: [expect.anything()] })
  })

  test('with a __proto__ reaches no prototype', async () => {
    const body = JSON.stringify(socialEvent).replace('"company"', '"__proto__":{"isAdmin":true},"company"')
    const { event } = await eventOf(body.replace('"data":', '"__proto__":{"type":"user.deleted"},"data":'))
    expect(event.user.user_metadata).toEqual({ company: 'Analytical & Sons' })
    expect('isAdmin' in {}).toBe(false)
  })

  test('that is not UTF-8 is read with what it is replaced by', async () => {
    const [streams] = await endpointsOf()
    const body = Buffer.from(JSON.stringify(socialEvent).replace('Ada Lovelace', 'Ada ?'))
    body[body.indexOf('Ada ?') + 4] = 0xff
    expect(streams?.read({ ...head(), body })).toMatchObject({
      registrations: [{ registration: { user: { name: 'Ada \uFFFD' } } }],
    })
  })
})
