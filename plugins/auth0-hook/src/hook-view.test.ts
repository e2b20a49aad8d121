import { sampleEvent } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { hookView } from './hook-view.ts'

const settings = { secrets: { SLACK_HOOK: 'https://hooks.example/T0/B0' }, meta: { 'hook-name': 'legacy' } }

describe('what a Hook sees', () => {
  test('is what Auth0 gave it, phone under both names', () => {
    const { user, context } = hookView(sampleEvent(), 'key-1', settings)
    const expectedUser = {
      id: '5f7c8ec7c33c6c004bbafe82',
      tenant: 'my-tenant',
      username: 'user1',
      email: 'user1@foo.com',
      emailVerified: true,
      phoneNumber: '1-000-000-0000',
      phoneNumberVerified: true,
      phone: '1-000-000-0000',
      phoneVerified: true,
      user_metadata: { hobby: 'surfing' },
      app_metadata: { plan: 'full' },
    }
    const expectedContext = {
      requestLanguage: 'en-us',
      connection: {
        id: 'con_xxxxxxxxxxxxxxxx',
        name: 'Username-Password-Authentication',
        tenant: 'my-tenant',
      },
    }
    expect(user).toStrictEqual(expectedUser)
    expect(context).toStrictEqual({
      ...expectedContext,
      webtask: {
        id: 'key-1',
        secrets: settings.secrets,
        data: settings.secrets,
        meta: settings.meta,
        headers: {},
        params: {},
        query: {},
        body: { user: expectedUser, context: expectedContext },
      },
    })
  })

  test('can be read unguarded when nearly nothing is known', () => {
    const event = sampleEvent({
      user: {
        tenant: null,
        username: null,
        email: null,
        emailVerified: null,
        phone: null,
        phoneVerified: null,
        user_metadata: {},
        app_metadata: {},
      },
      context: { requestLanguage: null, connection: { id: null, name: null, tenant: null } },
    })
    const { user, context } = hookView(event, 'key-1', { secrets: {}, meta: {} })
    expect(user).toStrictEqual({
      id: '5f7c8ec7c33c6c004bbafe82',
      tenant: '',
      emailVerified: false,
      phoneNumberVerified: false,
      phoneVerified: false,
      user_metadata: event.user.user_metadata,
      app_metadata: event.user.app_metadata,
    })
    expect(context.requestLanguage).toBe('')
    expect(context.connection).toStrictEqual({ id: '', name: '', tenant: '' })
  })

  test.each([
    ['auth0|abc', 'auth0', 'abc'],
    ['auth0|abc', 'custom', 'abc'],
    ['auth0|con|abc', 'auth0', 'con|abc'],
    ['google-oauth2|123', 'auth0', '123'],
    ['abc', 'auth0', 'abc'],
    ['user_2x', 'clerk', 'user_2x'],
    ['a|b', 'custom', 'a|b'],
  ])('the id %s of %s is %s', (id, provider, bare) => {
    const event = sampleEvent({ user: { id }, source: { provider } })
    expect(hookView(event, 'key-1', settings).user.id).toBe(bare)
  })

  test('is a copy: what a Hook changes, nobody else sees', () => {
    const event = sampleEvent({ user: { user_metadata: { deep: { list: [1] } } } })
    const before = structuredClone(event)
    const { user, context } = hookView(event, 'key-1', settings)
    user.email = 'changed'
    user.user_metadata['deep'] = 'changed'
    user.app_metadata['plan'] = 'changed'
    context.connection.name = 'changed'
    context.webtask.secrets['SLACK_HOOK'] = 'changed'
    context.webtask.body.user.user_metadata['hobby'] = 'changed'
    expect(event).toEqual(before)
    const again = hookView(event, 'key-1', settings)
    expect(JSON.stringify(again)).not.toContain('changed')
  })

  test('a metadata key called __proto__ stays a key', () => {
    const event = sampleEvent()
    const hostile: typeof event = {
      ...event,
      user: { ...event.user, user_metadata: JSON.parse('{"__proto__":{"admin":true}}') },
    }
    const { user } = hookView(hostile, 'key-1', settings)
    expect(Object.getPrototypeOf(user.user_metadata)).toBe(Object.prototype)
    expect('admin' in user.user_metadata).toBe(false)
    expect(Object.keys(user.user_metadata)).toEqual(['__proto__'])
  })
})
