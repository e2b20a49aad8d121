import { expect, test, vi } from 'vitest'
import { scriptedServer } from '../test/scripted-server.ts'
import { sockets } from '../test/sockets.ts'
import { connectionOptions, createClient } from './client.ts'
import { optionsSchema } from './options.ts'
import { parseServer, type Server } from './server.ts'

const client = (url: string, options: object = {}) => {
  const parsed = optionsSchema.parse({ server: url, from: 'hello@acme.com', ...options })
  return createClient(parsed, server(url))
}

const server = (url: string): Server => {
  const parsed = parseServer(url)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

const letter = (raw: Buffer) => ({
  from: 'hello@acme.com',
  to: 'ada@x.example',
  subject: '',
  messageId: '',
  language: undefined,
  raw,
})

test('a connection cut before the message went out is known to be one that the server cannot have', async () => {
  await using scripted = await scriptedServer({ data: 'cut' })
  const sender = client(scripted.url)
  expect(
    await sender.send(letter(Buffer.from('Subject: a\r\n\r\nb\r\n')), AbortSignal.timeout(10_000)),
  ).toMatchObject({
    complete: false,
  })
  sender.close()
})

test('a connection cut after the whole message is one that the server may have', async () => {
  await using scripted = await scriptedServer({ dot: 'cut' })
  const sender = client(scripted.url)
  expect(
    await sender.send(letter(Buffer.from('Subject: a\r\n\r\nb\r\n')), AbortSignal.timeout(10_000)),
  ).toMatchObject({
    complete: true,
  })
  sender.close()
})

test('a connection that broke while it was idle is opened anew', async () => {
  await using scripted = await scriptedServer({})
  const sender = client(scripted.url)
  const send = () => sender.send(letter(Buffer.from('Subject: a\r\n\r\nb\r\n')), AbortSignal.timeout(10_000))
  expect(await send()).toEqual({ answer: '250 2.0.0 queued as 4711' })
  expect(sockets()).toBe(2)
  scripted.dropAll()
  await vi.waitFor(() => expect(sockets()).toBe(0))
  expect(await send()).toEqual({ answer: '250 2.0.0 queued as 4711' })
  expect(scripted.connections()).toBe(2)
  sender.close()
})

test('a message waits for one of three connections, and an abort takes it from the queue', async () => {
  await using scripted = await scriptedServer({ rcpt: 'hang' })
  const sender = client(scripted.url)
  const controller = new AbortController()
  const sends = [1, 2, 3, 4].map(() =>
    sender.send(letter(Buffer.from('Subject: a\r\n\r\nb\r\n')), controller.signal),
  )
  await vi.waitFor(() => expect(scripted.connections()).toBe(3))
  controller.abort()
  const settled = await Promise.all(sends)
  expect(scripted.connections()).toBe(3)
  expect(settled.map((sent) => 'complete' in sent && sent.complete)).toEqual([false, false, false, false])
  sender.close()
})

test('a client that was never used closes without having opened anything', () => {
  expect(() => client('smtp://localhost').close()).not.toThrow()
})

test.each([
  ['smtp://smtp.acme.com', {}, { secure: false, requireTLS: true, opportunisticTLS: false }, true],
  [
    'smtp://smtp.acme.com',
    { tls: 'off' },
    { secure: false, requireTLS: false, opportunisticTLS: true },
    false,
  ],
  ['smtp://localhost', {}, { secure: false, requireTLS: false, opportunisticTLS: true }, false],
  [
    'smtp://localhost',
    { tls: 'required' },
    { secure: false, requireTLS: true, opportunisticTLS: false },
    true,
  ],
  ['smtps://localhost', {}, { secure: true, requireTLS: false, opportunisticTLS: false }, true],
])('%s with %j connects with %j', (url, options, expected, rejectUnauthorized) => {
  const parsed = optionsSchema.parse({ server: url, from: 'hello@acme.com', ...options })
  expect(connectionOptions(parsed, server(url))).toMatchObject({
    ...expected,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized },
    socketTimeout: 600_000,
    debug: false,
    logger: false,
  })
})
