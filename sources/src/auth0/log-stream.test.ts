import { describe, expect, test } from 'vitest'
import { eventOf, logRecords, normalised, readingOf } from '../test-support.ts'

describe('a log stream', () => {
  const record = logRecords[0]
  if (record === undefined) throw new Error('the fixture is empty')
  const changed = (data: object, body: object = {}) => ({
    ...record,
    data: { ...record.data, details: { body: { ...record.data.details.body, ...body } }, ...data },
  })

  test.each([
    ['an array', JSON.stringify(logRecords)],
    ['an object', JSON.stringify({ logs: logRecords })],
    ['JSON Lines', logRecords.map((one) => JSON.stringify(one)).join('\n')],
    ['JSON Lines that end in CRLF', logRecords.map((one) => `${JSON.stringify(one)}\r\n`).join('')],
    ['a byte order mark in front', `\uFEFF${JSON.stringify(logRecords)}`],
  ])('is read as %s', async (_what, body) => {
    const reading = await readingOf(body)
    expect(reading).toMatchObject({ ignored: 0, unreadable: [] })
    const users = (await normalised(body)).map(({ event }) => event.user.id)
    expect(users).toEqual(['auth0|6182002f34f4dd006b05b5c7', 'auth0|618223a4e3f49e006948565c'])
  })

  test('of one line is a batch all the same', async () => {
    expect(await readingOf(record)).toMatchObject({ registrations: [expect.anything()] })
  })

  test('gives registrations with all that a record says', async () => {
    const { event } = await eventOf(
      changed(
        { organization_id: 'org_1', organization_name: 'Sons' },
        { request_language: 'de-AT', user_metadata: '{"hobby":"surfing"}', app_metadata: { plan: 'full' } },
      ),
    )
    expect(event).toMatchObject({
      occurredAt: '2021-11-03T03:21:19.503Z',
      source: {
        eventType: 'ss',
        eventId: '90020211103032120540334468831529038137311930506436149346',
        verifiedBy: 'static-secret',
      },
      user: {
        id: 'auth0|6182002f34f4dd006b05b5c7',
        tenant: 'dev-yoj8axza',
        email: 'neo@test.com',
        createdAt: null,
        user_metadata: { hobby: 'surfing' },
        app_metadata: { plan: 'full' },
      },
      context: {
        connection: {
          id: 'con_1a5wCUmAs6VOU17n',
          name: 'Username-Password-Authentication',
          strategy: 'database',
        },
        origin: 'self',
        requestLanguage: 'de-AT',
        request: { ip: '35.160.3.103', userAgent: 'unknown' },
        client: { id: '360yuN1BXP4u3tBChK5VOgekgGJ7CwLL', name: 'All Applications' },
        organization: { id: 'org_1', name: 'Sons' },
      },
    })
  })

  test('leaves every password out, masked or not', async () => {
    const body = changed({}, { password: 'hunter2', credentials: { password: 'hunter2' } })
    expect(JSON.stringify(await readingOf(body))).not.toMatch(/hunter2|\*\*\*|password/)
  })

  test('with masked names has none of them', async () => {
    const { event } = await eventOf(
      changed(
        { user_name: '*****' },
        { email: 'n***@t***.com', username: '***', name: '****', phone_number: '*' },
      ),
    )
    expect(event.user).toMatchObject({ email: null, username: null, name: null, phone: null })
  })

  test('with a hash in place of the address has no address', async () => {
    const { event } = await eventOf(changed({}, { email: 'c81e728d9d4c2f63' }))
    expect(event.user.email).toBeNull()
  })

  test('without what the form sent still knows user, connection and tenant', async () => {
    const { event } = await eventOf(
      changed({ details: {}, tenant_name: 'acme', strategy: 'google-oauth2', strategy_type: 'social' }),
    )
    expect(event).toMatchObject({
      user: { id: 'auth0|6182002f34f4dd006b05b5c7', tenant: 'acme', email: 'neo@test.com' },
      context: { connection: { strategy: 'social', tenant: 'acme' } },
    })
  })

  test.each(['s', 'fs', 'sapi', undefined])('has records of type %s ignored', async (type) => {
    expect(await readingOf([changed({ type }), record])).toMatchObject({
      registrations: [expect.anything()],
      ignored: 1,
      unreadable: [],
    })
  })

  test('loses no record by a bad one among them', async () => {
    const nobody = changed({ user_id: null, user_name: null }, { email: null })
    const lines = [JSON.stringify(record), '{"log_id":', '5', '{"foo":1}', JSON.stringify(nobody)]
    expect(await readingOf(lines.join('\n'))).toMatchObject({
      registrations: [expect.anything()],
      unreadable: [
        { eventId: null, why: 'the line is not JSON' },
        { eventId: null },
        { eventId: null },
        { eventId: record.log_id, why: 'it names no user' },
      ],
    })
  })

  test('without a record is an empty batch', async () => {
    for (const body of ['[]', '{"logs":[]}']) {
      expect(await readingOf(body)).toMatchObject({
        registrations: [],
        ignored: 0,
        unreadable: [],
      })
    }
  })
})
