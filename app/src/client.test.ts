import { describe, expect, test } from 'vitest'
import { Client } from './client.ts'

const clientThat = (answer: () => Response | Promise<Response>) => {
  const asked: [string, RequestInit | undefined][] = []
  const client = new Client('http://service.example/base/', 'a-token', {
    async fetch(input, init) {
      asked.push([String(input), init])
      return answer()
    },
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

describe('where a service cannot be reached', () => {
  const error = (code: string, syscall?: string) =>
    Object.assign(new Error(code), { code, ...(syscall !== undefined && { syscall }) })
  const failed = (cause: Error) => () => Promise.reject(new TypeError('fetch failed', { cause }))
  const create = (network: typeof globalThis.fetch) => {
    const asked: string[] = []
    let isClosed = false
    const client = new Client('http://service.example', 'a-token', {
      fetch: network,
      standIn: {
        async fetch({ method, url }) {
          asked.push(`${method} ${url}`)
          return Response.json({ dropped: 3 })
        },
        async [Symbol.asyncDispose]() {
          isClosed = true
        },
      },
    })
    return { client, asked, closed: () => isClosed }
  }

  test.each([
    error('ECONNREFUSED', 'connect'),
    error('ETIMEDOUT', 'connect'),
    error('ENOTFOUND', 'getaddrinfo'),
    error('UND_ERR_CONNECT_TIMEOUT'),
    new AggregateError([error('ECONNREFUSED', 'connect'), error('EHOSTUNREACH', 'connect')]),
  ])('as %s says, another stands in for it, from then on', async (cause) => {
    let tries = 0
    const { client, asked, closed } = create(() => {
      tries += 1
      return failed(cause)()
    })
    expect([await client.drop('a'), await client.drop('b')]).toEqual([3, 3])
    expect(asked).toEqual([
      'POST http://service.example/deliveries/drop?connector=a',
      'POST http://service.example/deliveries/drop?connector=b',
    ])
    expect(tries).toBe(1)
    await client[Symbol.asyncDispose]()
    expect(closed()).toBe(true)
  })

  test.each([
    error('ECONNRESET', 'read'),
    error('ETIMEDOUT', 'read'),
    error('UND_ERR_SOCKET'),
    error('UND_ERR_HEADERS_TIMEOUT'),
    new AggregateError([error('ECONNREFUSED', 'connect'), error('ECONNRESET', 'read')]),
  ])('after %s it may have done what it was asked, so that nobody does it again', async (cause) => {
    const { client, asked } = create(failed(cause))
    await expect(client.drop('a')).rejects.toMatchObject({ exitCode: 3 })
    expect(asked).toEqual([])
  })

  test('a service that answers, with whatever, is not stood in for', async () => {
    const { client, asked } = create(async () => new Response('<html>', { status: 502 }))
    await expect(client.drop('a')).rejects.toMatchObject({ message: 'the service answered 502' })
    expect(asked).toEqual([])
  })
})
