import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { send } from './send.ts'

const serviceThat = async (answer: (user: string, response: ServerResponse) => void): Promise<string> => {
  const server = createServer(async (request, response) => {
    const { user }: { user: { id: string } } = JSON.parse(await text(request))
    answer(user.id, response)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return `http://127.0.0.1:${address.port}`
}

const fileOf = async (users: readonly string[]): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'onsignup-send-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'users.ndjson')
  await writeFile(file, users.map((id) => `${JSON.stringify({ user: { id } })}\n`).join(''))
  return file
}

test('an answer that takes long holds up no other registration, and the lines come in the order of the file', async () => {
  const users = Array.from({ length: 60 }, (_, n) => `u${n}`)
  let first: ServerResponse | undefined
  let others = 0
  const answer = (id: string, response: ServerResponse | undefined) =>
    response?.writeHead(202).end(JSON.stringify({ id, duplicate: false }))
  const url = await serviceThat((id, response) => {
    if (id === 'u0') first = response
    else {
      others += 1
      answer(id, response)
    }
    if (others === users.length - 1) answer('u0', first)
  })
  const stdout = new PassThrough()
  const options = { url, config: '', historical: false, wait: false, timeout: 0, json: false }
  expect(await send(await fileOf(users), options, { stdout, stderr: stdout })).toBe(0)
  stdout.end()
  expect((await text(stdout)).trim().split('\n')).toEqual(users)
})
