import { describe, expect, test } from 'vitest'
import { Client } from './client.ts'

const clientThat = (answer: () => Response | Promise<Response>) => {
  const asked: [string, RequestInit | undefined][] = []
  const client = new Client('http://service.example/base/', 'a-token', async (input, init) => {
    asked.push([String(input), init])
    return answer()
  })
  return { client, asked }
}

const problem = (status: number, body: object) => () =>
  new Response(JSON.stringify({ title: 'wrong', ...body }), { status })

describe('a client', () => {
  test('sends the token, and follows no redirect with it', async () => {
    const { client, asked } = clientThat(() => Response.json({ deliveries: [], after: null }))
    await client.deliveries({ user: 'a&b', limit: '2' })
    expect(asked).toEqual([
      [
        'http://service.example/base/deliveries?user=a%26b&limit=2',
        expect.objectContaining({ redirect: 'error', headers: { Authorization: 'Bearer a-token' } }),
      ],
    ])
  })

  test('escapes an id that would lead elsewhere', async () => {
    const { client, asked } = clientThat(() => Response.json({ retried: 1 }))
    await client.retry('../events?x', true)
    expect(asked[0]?.[0]).toBe('http://service.example/base/deliveries/..%2Fevents%3Fx/retry?again=true')
  })

  test.each([
    [
      'the title and the mend',
      problem(409, { mend: 'do this' }),
      { message: 'wrong', mend: 'do this', exitCode: 1 },
    ],
    [
      'each thing that is wrong, once',
      problem(400, {
        title: 'not a registration: user: it must be an object',
        errors: [
          { path: 'user', message: 'it must be an object' },
          { path: 'id', message: 'too long' },
          { path: '', message: 'too deep' },
        ],
      }),
      { message: 'not a registration: user: it must be an object: id: too long; too deep' },
    ],
    [
      'the status where the answer is not of this program',
      () => new Response('<html>', { status: 502 }),
      { message: 'the service answered 502', exitCode: 1 },
    ],
    [
      'that nobody answers',
      () => Promise.reject(new TypeError('fetch failed')),
      { message: 'no service answers at http://service.example/base', exitCode: 3 },
    ],
    [
      'that the answer is not of this program, though it is 200',
      () => new Response('<html>'),
      { message: 'what answers at http://service.example/base is not onsignup', exitCode: 1 },
    ],
    [
      'that the answer is of another shape',
      () => Response.json({ hello: 'world' }),
      { message: 'what answers at http://service.example/base is not onsignup', exitCode: 1 },
    ],
  ])('tells %s', async (_what, answer, expected) => {
    const { client } = clientThat(answer)
    await expect(client.publish({})).rejects.toMatchObject({ name: 'CommandError', ...expected })
  })
})
