import { normalise, type Normalised } from '@onsignup/core/engine'
import { describe, expect, test } from 'vitest'
import { auth0 } from '../auth0.ts'
import type { Endpoint } from '../contract.ts'
import { endpointsOf, eventOf, head, hookBody, streamEvent } from '../test-support.ts'

describe('the extensibility point', () => {
  const pointOf = async (options: object = {}, name?: string): Promise<Endpoint> => {
    const [, point] = await endpointsOf(options, name)
    if (point === undefined) throw new Error('there is no point')
    return point
  }

  test('stands under the name of the source, and only with a token, which is what the protocol knows', async () => {
    expect((await pointOf()).path).toBe('/auth0/post-user-registration')
    expect((await pointOf({}, 'prod')).path).toBe('/prod/post-user-registration')
    const basic = { basic: { username: 'a', password: 'b' } }
    expect((await auth0.connect(basic, 'auth0')).map(({ path }) => path)).toEqual(['/sources/auth0'])
  })

  const registrationOf = async (body: unknown): Promise<Normalised> => {
    const point = await pointOf({ tenant: 'acme' })
    const reading = point.read({ ...head(), body: Buffer.from(JSON.stringify(body)) })
    if (reading.kind === 'refused') throw new Error(reading.title)
    return normalise(reading.registrations[0]?.registration, 0, () => 'nonce')
  }

  test("takes Auth0's own sample as it is", async () => {
    expect((await registrationOf(hookBody)).event).toMatchObject({
      source: { id: 'auth0', provider: 'auth0', eventType: 'post-user-registration', test: false },
      user: {
        tenant: 'my-tenant',
        email: 'user1@foo.com',
        phone: '1-000-000-0000',
        phoneVerified: true,
        user_metadata: { hobby: 'surfing' },
      },
      context: { requestLanguage: 'en-us', connection: { id: 'con_xxxxxxxxxxxxxxxx' } },
    })
  })

  test('names a user as the Event Stream does, with the prefix or without', async () => {
    const stream = { ...streamEvent, a0purpose: undefined }
    const { keys } = await eventOf(stream)
    const user = { id: '679fb1b1e809445f129bc18d' }
    const hook = await registrationOf({ user: { ...user, tenant: 'acme' }, context: { connection: {} } })
    expect(hook.keys.user).toBe(keys.user)
    expect((await registrationOf({ user, context: { connection: {} } })).keys.user).toBe(keys.user)
  })

  test('takes a user without any name, who is a new one each time', async () => {
    const nobody = () => registrationOf({ user: {}, context: { connection: {} } })
    const [one, other] = [await nobody(), await nobody()]
    expect(one.event.user.id).toMatch(/^nobody\|/)
    expect(one.keys.user).not.toBe(other.keys.user)
  })

  test('answers a fault of ours with its HTTP status, so that it is sent again', async () => {
    const point = await pointOf()
    const headers = { 'Retry-After': '5' }
    const came = { kind: 'refused', status: 503, code: 'closed', title: 'stopping', headers } as const
    expect(point.answer?.(came)).toMatchObject({
      status: 503,
      headers: { 'Content-Type': 'application/json', 'Retry-After': '5' },
      body: expect.stringContaining('"status":"error"'),
    })
  })
})
