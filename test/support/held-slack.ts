import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

/** A Slack that answers only when it is told to. */
export interface HeldSlack extends AsyncDisposable {
  /** For `api_url`. */
  readonly url: string
  /** Requests so far, answered or not. */
  readonly asked: number
  /** Answers all that wait, and from then on at once. */
  answer(): void
}

const send = (response: ServerResponse): void => {
  response.setHeader('Content-Type', 'application/json')
  response.end('{"ok":true,"channel":"C0000000001","ts":"1767323045.000100"}')
}

export const startHeldSlack = async (): Promise<HeldSlack> => {
  const held: ServerResponse[] = []
  let asked = 0
  let isHolding = true
  const server = createServer((_request, response) => {
    asked += 1
    if (isHolding) held.push(response)
    else send(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/api/`,
    get asked() {
      return asked
    },
    answer() {
      isHolding = false
      for (const response of held.splice(0)) send(response)
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
