import { generateKeyPairSync } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { startSmtp } from '@onsignup/sandbox'
import { expect, test } from 'vitest'
import { createFolder } from '../support/folder.ts'
import { deliveriesOf, publish } from '../support/http.ts'
import { runProgram, startService } from '../support/program.ts'
import { ada } from '../support/registrations.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'p4ss/w0rd#with?signs+and=more'
const CLIENT_SECRET = 'cl13nt~s3cret/of+the=app'
const key = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

/** Every spelling that must be nowhere: of the key, each line. */
const hidden = [
  PASSWORD,
  CLIENT_SECRET,
  Buffer.from(`\0hello\0${PASSWORD}`).toString('base64'),
  Buffer.from(PASSWORD).toString('base64'),
  encodeURIComponent(PASSWORD),
  ...key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-')),
]

const indented = (text: string, by: string): string => text.trim().replaceAll('\n', `\n${by}`)

const yaml = (server: string) => `
server: { port: 0 }
store: ./onsignup.db
connectors:
  welcome:
    uses: email
    with:
      server: ${server}
      user: hello
      password: '${PASSWORD}'
      from: 'Acme <hello@acme.example>'
      dkim:
        domain: acme.example
        selector: s1
        private_key: |
          ${indented(key, '          ')}
  app:
    uses: email
    with:
      server: ${server}
      user: hello@acme.example
      oauth: { token_url: 'http://127.0.0.1:1/token', client_id: app, client_secret: '${CLIENT_SECRET}' }
      from: 'Acme <hello@acme.example>'
`

test('no secret of a mail connector is in a log at trace, a history, an answer, a preview, a check or the store', async () => {
  const smtp = await startSmtp({ user: 'hello', password: PASSWORD })
  await using folder = await createFolder()
  await folder.write('onsignup.yaml', yaml(smtp.url))
  const registration = await folder.write('registration.json', JSON.stringify(ada))
  // A server that repeats what it was given, in clear and as it came.
  const message = `5.7.8 ${PASSWORD} ${hidden[2]} is not the password`
  smtp.misbehave({ kind: 'refuse-auth', times: 1, message })

  const service = await startService(['--log-level', 'trace'], { cwd: folder.path })
  const { id } = await publish(service.url, ada)
  await until(
    'it is parked',
    async () => (await deliveriesOf(service.url, id))['welcome']?.state === 'parked',
  )
  const told = [
    JSON.stringify(await deliveriesOf(service.url, id)),
    await (await fetch(`${service.url}/connectors`)).text(),
    await (await fetch(`${service.url}/metrics`)).text(),
    await (await fetch(service.url)).text(),
  ]
  const ran = await Promise.all(
    [['preview', registration], ['check'], ['deliveries', '--json'], ['connectors']].map((args) =>
      runProgram(args, { cwd: folder.path }),
    ),
  )
  service.kill('SIGTERM')
  const { stdout, stderr } = await service.ended
  const files = await readdir(folder.path)
  const stored = await Promise.all(
    files.filter((name) => name.startsWith('onsignup.db')).map((name) => readFile(folder.at(name), 'latin1')),
  )
  await smtp.close()

  const all = [...told, ...ran.flatMap((each) => [each.stdout, each.stderr]), stdout, stderr, ...stored].join(
    '\n',
  )
  // What is looked through is really there.
  expect(all).toContain('is not the password')
  expect(all).toContain('DKIM-Signature: v=1; a=rsa-sha256')
  expect(all).toContain('127.0.0.1:1 cannot be reached')
  for (const secret of hidden) expect(all.includes(secret), secret).toBe(false)
})
