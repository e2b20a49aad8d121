import { parseArgs } from 'node:util'
import { startSandbox } from './sandbox.ts'

const HELP = `Stand-ins for Slack, Salesforce and SMTP on 127.0.0.1.

  --slack-port <port>       default 4010
  --salesforce-port <port>  default 4020
  --smtp-port <port>        default 4025
  --control-port <port>     default 4030
  --slack-scopes <scopes>   what the Slack token may do, as chat:write,channels:history; default: all it may need
  --help

A port of 0 takes any free one.
`

try {
  await main()
} catch (error) {
  process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'slack-port': { type: 'string', default: '4010' },
      'salesforce-port': { type: 'string', default: '4020' },
      'smtp-port': { type: 'string', default: '4025' },
      'control-port': { type: 'string', default: '4030' },
      'slack-scopes': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return
  }
  const scopes = values['slack-scopes']
  const sandbox = await startSandbox({
    slackPort: port('slack-port', values['slack-port']),
    salesforcePort: port('salesforce-port', values['salesforce-port']),
    smtpPort: port('smtp-port', values['smtp-port']),
    controlPort: port('control-port', values['control-port']),
    ...(scopes === undefined ? {} : { slack: { scopes: scopes.split(',') } }),
  })
  const { slack, salesforce, smtp, control } = sandbox
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close())
  process.stdout.write(
    [
      `slack       ${slack.url}   token ${slack.token}`,
      `            ${slack.webhookUrl}`,
      `salesforce  ${salesforce.url}   client_id ${salesforce.clientId}, client_secret ${salesforce.clientSecret}`,
      `smtp        ${smtp.url}`,
      `control     ${control.url}`,
      '',
    ].join('\n'),
  )
}

function port(option: string, value: string): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number > 65_535) {
    throw new Error(`--${option} must be a port from 0 to 65535, not "${value}"`)
  }
  return number
}
