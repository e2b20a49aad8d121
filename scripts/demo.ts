import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { startSandbox } from '@onsignup/sandbox'

const ROOT = join(import.meta.dirname, '..')
const PROGRAM = join(ROOT, 'app/bin/onsignup.js')
const CONFIGURATION = join(ROOT, 'config/sandbox.yaml')
const REGISTRATION = join(ROOT, 'config/registration.json')

type Sandbox = Awaited<ReturnType<typeof startSandbox>>

const environment = ({ slack, salesforce, smtp }: Sandbox, folder: string): NodeJS.ProcessEnv => ({
  ...process.env,
  SANDBOX_SLACK_URL: slack.url,
  SANDBOX_SALESFORCE_URL: salesforce.url,
  SANDBOX_SMTP_URL: smtp.url,
  SANDBOX_STORE: join(folder, 'onsignup.db'),
})

/** Resolves to the service's address once it says that it listens. */
const listening = async (service: ChildProcess): Promise<string> => {
  if (service.stdout === null) throw new Error('the service has no output')
  for await (const line of createInterface({ input: service.stdout })) {
    const url = /listens on (\S+)/.exec(line)?.[1]
    if (url !== undefined) return url
  }
  throw new Error('the service ended before it listened')
}

const indented = (text: string): string => text.replaceAll(/^/gm, '    ')

const show = ({ slack, salesforce, smtp }: Sandbox): boolean => {
  const [message] = slack.messages
  const [record] = salesforce.records('Lead')
  const [mail] = smtp.mailbox
  console.log('\nSlack, chat.postMessage:')
  console.log(message ? indented(`#${message.channelName}\n${message.text}`) : '    nothing arrived')
  console.log('\nSalesforce, Lead:')
  console.log(record ? indented(JSON.stringify(record, null, 2)) : '    nothing arrived')
  console.log('\nMailbox:')
  console.log(
    mail
      ? indented(`To: ${mail.envelope.to.join(', ')}\nSubject: ${mail.subject}\n\n${mail.text}`)
      : '    nothing arrived',
  )
  return slack.messages.length === 1 && salesforce.records('Lead').length === 1 && smtp.mailbox.length === 1
}

const sayWhatNext = (url: string, { control }: Sandbox): void => {
  console.log(`
All three run on until you press Ctrl+C. In another terminal, try:

  npx -y pnpm@12 onsignup deliveries --url ${url}
  npx -y pnpm@12 onsignup send config/registration.json --wait --url ${url}    # the same again: recognised
  curl -H 'Content-Type: application/json' -d '{"user":{"email":"you@example.com"}}' ${url}/events
  curl ${control.url}/slack/messages    # also /salesforce/records/Lead and /mailbox
  curl -H 'Content-Type: application/json' -d '{"kind":"status","status":500,"times":3}' ${control.url}/slack/misbehave

Then copy config/onsignup.yaml, fill in your own tokens, and run: npx -y pnpm@12 start --config ./onsignup.yaml`)
}

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } })
const sandbox = await startSandbox()
const folder = await mkdtemp(join(tmpdir(), 'onsignup-demo-'))
const env = environment(sandbox, folder)
const service = spawn(
  process.execPath,
  [PROGRAM, 'start', '--config', CONFIGURATION, '--port', '0', '--log-level', 'warn'],
  {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
const ended = once(service, 'exit')
let arrived = false
try {
  const url = await listening(service)
  console.log(
    `onsignup runs at ${url} on config/sandbox.yaml; sending Auth0's own sample registration to it:`,
  )
  console.log(`  $ onsignup send config/registration.json --wait`)
  const send = spawn(process.execPath, [PROGRAM, 'send', REGISTRATION, '--wait', '--url', url], {
    env,
    stdio: 'inherit',
  })
  const [code] = await once(send, 'exit')
  arrived = show(sandbox) && code === 0
  if (!values.once) {
    sayWhatNext(url, sandbox)
    await Promise.race([interrupted, ended])
  }
} finally {
  service.kill('SIGTERM')
  await ended
  await sandbox.close()
  await rm(folder, { recursive: true, force: true })
}
process.exitCode = arrived ? 0 : 1
