import { expect, test } from 'vitest'
import { createFolder } from '../support/folder.ts'
import { callProgram, runProgram } from '../support/program.ts'

const TEN = `server:
  port: 70000
store: ./data/onsignup.db
conectors: {}
connectors:
  team-slack:
    uses: slack
    if: user.emailVerifed and context.connection.name != "test"
    timeout: 10 seconds
    with:
      token: \${SLACK_BOT_TOKEN}
      channel: '#signups'
      chanel: '#signups'
      text: '{{ user.email | upcaze }}'
  crm:
    uses: salesforce
    with:
      login_url: acme.my.salesforce.com
      client_id: the-client-id
      client_secret: a-client-secret
      auto_assign: sometimes
  welcome:
    uses: emial
    with:
      password: a-password-in-the-file
`

test('ten mistakes in one file are ten findings in one run, each with its line and its mend', async () => {
  await using folder = await createFolder()
  await folder.write('onsignup.yaml', TEN)
  await folder.write('.env', 'ANOTHER=value\n')
  const { code, stdout, stderr } = await runProgram(['check'], { cwd: folder.path })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  const findings = stderr.split('\n').filter((line) => line.startsWith('./onsignup.yaml:'))
  expect(findings.map((line) => line.split('  ').slice(0, 2).join(' '))).toEqual([
    './onsignup.yaml:2:9 server.port',
    './onsignup.yaml:4:1 conectors',
    './onsignup.yaml:8:9 connectors.team-slack.if',
    './onsignup.yaml:9:14 connectors.team-slack.timeout',
    './onsignup.yaml:11:14 connectors.team-slack.with.token',
    './onsignup.yaml:13:7 connectors.team-slack.with.chanel',
    './onsignup.yaml:14:13 connectors.team-slack.with.text',
    './onsignup.yaml:18:18 connectors.crm.with.login_url',
    './onsignup.yaml:21:20 connectors.crm.with.auto_assign',
    './onsignup.yaml:23:11 connectors.welcome.uses',
  ])
  for (const finding of findings) expect(finding).toMatch(/ {2}\S.* {2}→ \w/)
  for (const mend of [
    'write connectors',
    'write user.emailVerified',
    'set SLACK_BOT_TOKEN',
    'write channel',
    'write upcase',
    'My Domain URL',
    'write true or false',
    'write email',
  ]) {
    expect(stderr).toContain(mend)
  }
  expect(stderr).toContain('10 mistakes')
  expect(stderr).not.toMatch(/a-client-secret|a-password-in-the-file/)
})

test.each(['start', 'preview'])('%s refuses the same file in the same words', async (command) => {
  await using folder = await createFolder()
  await folder.write('onsignup.yaml', TEN)
  const file = await folder.write('one.json', '{"user":{"id":"one"}}')
  const config = folder.at('onsignup.yaml')
  const args = command === 'start' ? [command] : [command, file]
  const { code, stderr } = await callProgram([...args, '--config', config])
  expect(code).toBe(2)
  expect(stderr.split('\n').filter((line) => line.startsWith(`${config}:`))).toHaveLength(10)
})
