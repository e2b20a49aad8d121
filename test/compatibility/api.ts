import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** One request that a script made. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: unknown
}

/** What the scripts speak to: gives tokens, takes users, and keeps what it was asked. */
export interface Api extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly asked: readonly Asked[]
}

const ANSWERS: Readonly<Record<string, unknown>> = {
  'POST /oauth/token': { access_token: 'a-token' },
  'POST /users': { id: 'u1' },
  'GET /users': [],
  'POST /graphql': { data: { createUser: { id: 'u1' } } },
  'POST /webhook': {},
  'POST /slack': 'ok',
}

export const createApi = async (): Promise<Api> => {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '' } = request
    const body = method === 'GET' ? undefined : await json(request).catch(() => 'no JSON')
    asked.push({ method, path, authorization: request.headers.authorization, body })
    const answer = ANSWERS[`${method} ${path}`]
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
