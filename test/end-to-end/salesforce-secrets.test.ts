import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { createFolder } from '../support/folder.ts'
import { deliveriesOf, outcomes, publish } from '../support/http.ts'
import { runProgram, startService } from '../support/program.ts'
import { ada } from '../support/registrations.ts'
import { until } from '../support/until.ts'

const SECRET = 'planted/client+secret=0123456789'
const REFRESH = '5Aep861.planted_refresh_token_0123456789'
const TOKEN = '00D000000000001!planted.access_token_0123456789'
const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

/** An org that repeats all that it is sent, in every place that an answer has. */
const startEcho = async () => {
  let asked = 0
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const echo = `${request.url} ${JSON.stringify(request.headers)} ${body} ${decodeURIComponent(body.replaceAll('+', ' '))}`
    asked += 1
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (request.url === '/services/oauth2/token' && asked % 2 === 1) {
      return json(503, { error: 'busy', error_description: echo })
    }
    if (request.url === '/services/oauth2/token') {
      return json(200, { access_token: TOKEN, instance_url: `http://${request.headers.host}` })
    }
    switch (asked % 4) {
      case 0:
        return json(500, [{ errorCode: 'BROKEN', message: echo }])
      case 1:
        return response.writeHead(502, { 'content-type': 'text/html' }).end(`<html>${echo}`)
      case 2:
        return json(200, [{ success: false, errors: [{ statusCode: 'ODD', message: echo, fields: [echo] }] }])
      default:
        return json(200, echo)
    }
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Every way in which a secret would be known for one. */
const SPELLINGS = [
  ...[SECRET, REFRESH, TOKEN].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    secret.slice(4, -4),
    secret.slice(-20),
  ]),
  ...KEY.split('\n').filter((line) => line.length > 40),
  // The beginning of a signed assertion: {"alg":"RS256"
  'eyJhbGciOiJSUzI1NiI',
]

test('no secret of Salesforce shows anywhere, though the far side repeats all that it is sent', async () => {
  await using echo = await startEcho()
  await using folder = await createFolder()
  await folder.write('salesforce.key', KEY)
  const connector = (name: string, credentials: string) => `
  ${name}:
    uses: salesforce
    with: { login_url: '${echo.url}', client_id: the-client-id, validate: 'off', ${credentials} }
    retry: { max_attempts: 8, initial: 10ms, max: 20ms }
    batch: { max_wait: 0s }`
  const config = await folder.write(
    'onsignup.yaml',
    `server: { port: 0 }
store: ./onsignup.db
connectors:${connector('by-secret', `client_secret: '${SECRET}'`)}${connector('by-key', 'username: crm@acme.com, private_key_file: ./salesforce.key')}${connector('by-refresh', `refresh_token: '${REFRESH}', client_secret: '${SECRET}'`)}
`,
  )
  const service = await startService(['--log-level', 'trace'], { cwd: folder.path })
  try {
    const { id } = await publish(service.url, ada)
    await until('each was tried three times', async () =>
      Object.values(await deliveriesOf(service.url, id)).every((one) => outcomes(one).length >= 3),
    )
    const pages = ['/metrics', `/events/${id}`, '/deliveries', '/health', '/']
    const shown = await Promise.all(pages.map(async (path) => (await fetch(service.url + path)).text()))
    const file = await folder.write('event.json', JSON.stringify(ada))
    const args = ['--config', config]
    const checked = await runProgram(['check', ...args], { cwd: folder.path })
    const previewed = await runProgram(['preview', file, ...args], { cwd: folder.path })
    const all = [...shown, service.said, checked, previewed].map((one) => JSON.stringify(one)).join('\n')
    // What was repeated is shown, but for the secrets in it.
    expect(all).toContain('BROKEN')
    expect(all).toContain('[secret]')
    expect(SPELLINGS.filter((spelling) => all.includes(spelling))).toEqual([])
  } finally {
    service.kill('SIGKILL')
    await service.ended
  }
}, 60_000)
