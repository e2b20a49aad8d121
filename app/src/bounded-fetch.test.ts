import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { boundedFetch } from './bounded-fetch.ts'

const LIMIT = 1_000
const bounded = boundedFetch((...args) => globalThis.fetch(...args), LIMIT)

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
}

test('an answer that never ends is cut at the limit, and its connection closed', async () => {
  const closed = Promise.withResolvers<void>()
  const url = await serve((_request, response) => {
    const flood = () => {
      while (response.write('x'.repeat(100)));
    }
    response.on('drain', flood).once('close', closed.resolve)
    flood()
  })
  const response = await bounded(url)
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow(
    'the answer is longer than 1000 bytes, and the rest was not read',
  )
  await closed.promise
})

test('an answer that is small packed and large unpacked is cut as well', async () => {
  const packed = gzipSync('x'.repeat(100_000))
  const url = await serve((_request, response) =>
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': packed.length }).end(packed),
  )
  await expect((await bounded(url)).text()).rejects.toThrow('longer than')
})

test.each([
  ['with a length', { 'Content-Length': '5' }],
  ['without one', { 'Transfer-Encoding': 'chunked' }],
])('an answer within the limit %s is as it was sent', async (_, headers) => {
  const url = await serve((_request, response) => {
    response.writeHead(418, 'Short', { ...headers, 'X-Said': 'so' }).end('hello')
  })
  const response = await bounded(url)
  expect([response.status, response.statusText, response.url]).toEqual([418, 'Short', url])
  expect(response.headers.get('X-Said')).toBe('so')
  expect(await response.text()).toBe('hello')
})

test('an answer without a body stays without one', async () => {
  const url = await serve((_request, response) => response.writeHead(204).end())
  expect((await bounded(url)).body).toBeNull()
})
