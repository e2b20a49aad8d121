import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

/** In which way it answers: not at all, by closing the connection before or amid the answer, or without an end. */
export type Evil = 'hangs' | 'cuts' | 'cuts amid its answer' | 'floods'

const CHUNK = Buffer.alloc(65_536, ' ')

const flood = (response: ServerResponse): void => {
  const more = () => {
    while (response.write(CHUNK));
  }
  response.writeHead(200, { 'Content-Type': 'application/json' }).on('drain', more)
  more()
}

const ANSWERS: Readonly<Record<Evil, (response: ServerResponse) => void>> = {
  hangs() {},
  cuts: (response) => response.destroy(),
  'cuts amid its answer'(response) {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' })
    response.write('{"ok":tr', () => response.destroy())
  },
  floods: flood,
}

/** Takes every request and answers it in an evil way; its address. */
export const startEvil = async (evil: Evil): Promise<AsyncDisposable & { readonly url: string }> => {
  const server = createServer((request, response) => {
    request.resume().once('end', () => ANSWERS[evil](response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
