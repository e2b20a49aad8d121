import { expect, test } from 'vitest'
import { z } from 'zod'
import { callProgram } from '../support/program.ts'
import { createWorld, type World } from '../support/world.ts'

const line = z.object({
  connector: z.string(),
  state: z.enum(['proved', 'failed', 'unproved']),
  what: z.string(),
  mend: z.string().optional(),
})

const check = ({ folder }: World, ...args: string[]) =>
  callProgram(['check', '--config', folder.at('onsignup.yaml'), ...args])

test('check proves the configuration, credentials and far sides, a line each, and sends nothing', async () => {
  await using world = await createWorld()
  const { slack, salesforce, smtp } = world.sandbox
  const { code, stdout } = await world.run(['check'])
  expect(code).toBe(0)
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toBe(`proved    configuration  ${world.folder.at('onsignup.yaml')} has no mistake`)
  for (const connector of ['team-slack', 'crm', 'welcome']) {
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^proved    ${connector} `)))
  }
  expect(stdout).not.toMatch(/^failed/m)
  expect(stdout).not.toContain('\u001B')
  expect([slack.messages, salesforce.records('Lead'), smtp.mailbox]).toEqual([[], [], []])
})

test('check exits 1 when credentials are refused, says what to do, and shows no secret', async () => {
  await using world = await createWorld(
    {},
    { salesforce: { clientSecret: 'the-right-secret' }, smtp: { user: 'acme', password: 'the-password' } },
  )
  const { slack, salesforce, smtp } = world.sandbox
  const yaml = `store: ./onsignup.db
connectors:
  team-slack:
    uses: slack
    with: { api_url: '${slack.url}', token: xoxb-a-wrong-token, channel: C0000000001 }
  crm:
    uses: salesforce
    with: { login_url: '${salesforce.url}', client_id: '${salesforce.clientId}', client_secret: a-wrong-secret }
  welcome:
    uses: email
    with: { server: '${smtp.url}', user: acme, password: a-wrong-password, from: hello@acme.example }
`
  await world.folder.write('onsignup.yaml', yaml)
  const { code, stdout, stderr, json } = await check(world, '--json')
  expect(code).toBe(1)
  const lines = z.array(line).parse(json())
  for (const connector of ['team-slack', 'crm', 'welcome']) {
    const failed = lines.find((one) => one.connector === connector && one.state === 'failed')
    expect(failed?.mend, connector).toMatch(/\w/)
  }
  expect(stdout + stderr).not.toMatch(/wrong-/)
})

test('check names the addresses of the sources, and says what cannot be proved of them', async () => {
  await using world = await createWorld({ top: 'sources: { auth0: { token: a-token } }' })
  const { code, json } = await check(world, '--json')
  expect(code).toBe(0)
  const ofSources = z
    .array(line)
    .parse(json())
    .filter(({ connector }) => connector === 'sources')
  expect(ofSources.map(({ state, what }) => [state, what.split(':')[0]])).toEqual([
    ['unproved', 'POST /sources/auth0'],
    ['unproved', 'POST /auth0/post-user-registration'],
  ])
})

test('check exits 1 when a far side is down, and tells which', async () => {
  await using world = await createWorld()
  await world.sandbox.smtp.close()
  const { code, stdout } = await check(world)
  expect(code).toBe(1)
  expect(stdout.match(/^failed .*$/gm)).toEqual([expect.stringMatching(/^failed {4}welcome .*ECONNREFUSED/)])
})

test('check exits 2 for a configuration that is not there', async () => {
  const { code, stderr } = await callProgram(['check', '--config', 'nowhere.yaml'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: the configuration nowhere\.yaml cannot be read\n {2}→ /)
})
