import { setTimeout } from 'node:timers/promises'
import type { Measure } from '../job.ts'
import { memoryOf } from '../processes.ts'
import { startProgram, type Files } from '../program.ts'

const IDLE = 3_000

const CONFIGURATIONS: Readonly<Record<string, Files>> = {
  'one function': {
    'onsignup.yaml': 'store: ./onsignup.db\nconnectors:\n  chat:\n    uses: ./noop.ts\n',
    'noop.ts': 'export default async () => {}\n',
  },
  'Slack, Salesforce and e-mail': {
    'onsignup.yaml': `store: ./onsignup.db
connectors:
  chat:
    uses: slack
    with: { token: xoxb-not-used, channel: C0123456789 }
  crm:
    uses: salesforce
    with:
      login_url: http://127.0.0.1:9
      client_id: not-used
      client_secret: not-used
      object: Lead
      operation: upsert
      external_id: { field: Registration_Id__c, value: '{{ user.tenant }}:{{ user.id }}' }
  mail:
    uses: email
    with:
      server: smtp://127.0.0.1:9
      from: 'Acme <hello@acme.example>'
      to: '{{ user.email }}'
      subject: Welcome
      text: 'Hello {{ user.email }}'
`,
  },
}

/** Seconds from the start of the process to the first /readyz of 200, and the memory of it left alone. */
export const measureStartUp: Measure = async ({ engine, folder, program }) => {
  const files = CONFIGURATIONS[engine]
  if (files === undefined) throw new Error(`there is no configuration ${engine}`)
  const began = performance.now()
  const server = await startProgram(program, folder, files)
  const response = await fetch(`http://127.0.0.1:${server.port}/readyz`)
  if (response.status !== 200) throw new Error(`/readyz answered ${response.status}`)
  const ready = (performance.now() - began) / 1_000
  await setTimeout(IDLE)
  const idle = memoryOf(server.pid, 'now')
  await server.stop()
  return { ready, idle }
}
