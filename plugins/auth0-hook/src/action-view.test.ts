import { sampleEvent } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { actionView } from './action-view.ts'

describe('what an Action sees', () => {
  test("is Auth0's event", () => {
    expect(actionView(sampleEvent(), { KEY: 'secret' })).toStrictEqual({
      connection: {
        id: 'con_xxxxxxxxxxxxxxxx',
        name: 'Username-Password-Authentication',
        strategy: 'auth0',
        metadata: {},
      },
      request: { ip: '', method: '', language: 'en-us', geoip: {} },
      secrets: { KEY: 'secret' },
      tenant: { id: 'my-tenant' },
      transaction: { acr_values: [], locale: 'en-us', requested_scopes: [], ui_locales: [] },
      user: {
        user_id: 'auth0|5f7c8ec7c33c6c004bbafe82',
        email: 'user1@foo.com',
        email_verified: true,
        username: 'user1',
        phone_number: '1-000-000-0000',
        phone_verified: true,
        name: 'Ada Lovelace',
        given_name: 'Ada',
        family_name: 'Lovelace',
        created_at: '2026-01-02T03:04:05.000Z',
        updated_at: '2026-01-02T03:04:05.000Z',
        user_metadata: { hobby: 'surfing' },
        app_metadata: { plan: 'full' },
      },
    })
  })

  test('has the strategy by which Auth0 calls a connection', () => {
    const strategy = (overrides: Parameters<typeof sampleEvent>[0]) =>
      actionView(sampleEvent(overrides), {}).connection.strategy
    expect(strategy({ user: { email: null }, context: { connection: { strategy: 'passwordless' } } })).toBe(
      'sms',
    )
    expect(strategy({ context: { connection: { strategy: 'passwordless' } } })).toBe('email')
    expect(strategy({ context: { connection: { strategy: 'social', name: 'github' } } })).toBe('github')
  })

  test.each([
    ['Username-Password-Authentication', 'auth0'],
    ['email', 'email'],
    ['sms', 'sms'],
  ])(
    'has the prefix and the strategy that a Hook’s event for the connection %s leaves out',
    (name, strategy) => {
      const view = actionView(
        sampleEvent({ user: { id: 'abc' }, context: { connection: { name, strategy: 'unknown' } } }),
        {},
      )
      expect(view.user.user_id).toBe(`${strategy}|abc`)
      expect(view.connection.strategy).toBe(strategy)
    },
  )

  test('has the id of another provider as it is', () => {
    const event = sampleEvent({ user: { id: 'user_2abc' }, source: { provider: 'clerk' } })
    expect(actionView(event, {}).user.user_id).toBe('user_2abc')
  })

  test('is a copy: what an Action changes, nobody else sees', () => {
    const event = sampleEvent()
    const before = structuredClone(event)
    actionView(event, {}).user.user_metadata['hobby'] = 'changed'
    expect(event).toEqual(before)
  })
})
