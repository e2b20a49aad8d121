import { once } from 'node:events'
import { createServer } from 'node:http'
import { createGzip } from 'node:zlib'
import { expect, test } from 'vitest'
import { composeFile } from '../support/composed.ts'
import { ada } from '../support/registrations.ts'

/** Two hundred kilobytes that unpack to this. */
const UNPACKED = 200_000_000
const CHUNK = Buffer.alloc(1_000_000, ' ')

test.each([
  ['the API', (origin: string) => `{ api_url: '${origin}/api/', token: xoxb-1, channel: C0000000001 }`],
  ['a webhook', (origin: string) => `{ webhook_url: '${origin}/services/T0/B0/x' }`],
])(
  'an answer of %s that unpacks without an end is cut, and the message may have arrived',
  async (_way, options) => {
    let unpacked = 0
    const server = createServer((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      const gzip = createGzip()
      gzip.pipe(response)
      response.on('close', () => gzip.destroy())
      const more = () => {
        while (!gzip.destroyed && unpacked < UNPACKED) {
          unpacked += CHUNK.length
          if (!gzip.write(CHUNK)) return
        }
        gzip.end()
      }
      gzip.on('drain', more)
      more()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    try {
      const connector = `{ uses: slack, on_unknown: hold, with: ${options(`http://127.0.0.1:${port}`)} }`
      await using program = await composeFile(`connectors:\n  team: ${connector}\n`)
      const { id } = await program.publish(ada)
      await program.idle()
      expect((await program.deliveries(id))['team']).toMatchObject({
        state: 'unknown',
        attempts: [
          { code: 'answer_unreadable', detail: expect.stringContaining('longer than 16777216 bytes') },
        ],
      })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  },
)
