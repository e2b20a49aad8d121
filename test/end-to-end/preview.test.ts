import { readFile } from 'node:fs/promises'
import { stringify } from 'node:querystring'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { publish, statesOf } from '../support/http.ts'
import { callProgram } from '../support/program.ts'
import { ada } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { createWorld, type World } from '../support/world.ts'

const hostile = {
  ...ada,
  user: {
    ...ada.user,
    id: 'auth0|hostile',
    email: 'zoe@bücher.example',
    givenName: 'Zoë <!channel> & "co" 👩‍💻',
    familyName: "O'Brien\r\nBcc: evil@example.com",
    user_metadata: { company: '{{ user.email }} <script>' },
  },
}

let world: World
let url: string

beforeAll(async () => {
  world = await createWorld({
    more: `
  html:
    uses: email
    with:
      server: 'IN_PLACE'
      from: 'Acme <hello@acme.example>'
      reply_to: support@acme.example
      subject: 'Welcome, {{ user.givenName }}'
      html: '<p>Hello {{ user.givenName }} of {{ user.user_metadata.company }}</p>'
  blocks:
    uses: slack
    if: user.familyName != "Lovelace"
    with:
      api_url: 'SLACK_URL'
      token: xoxb-sandbox-token
      channel: '#general'
      text: '{{ user.givenName }} signed up'
      blocks:
        - { type: header, text: { type: plain_text, text: '{{ user.givenName }}' } }
        - { type: section, text: { type: mrkdwn, text: '*{{ user.email }}*' } }
`,
  })
  const { slack, smtp } = world.sandbox
  const yaml = await readFile(world.folder.at('onsignup.yaml'), 'utf8')
  await world.folder.write(
    'onsignup.yaml',
    yaml.replace('IN_PLACE', smtp.url).replace('SLACK_URL', slack.url),
  )
  url = (await world.start('--log-level', 'silent')).url
})

beforeEach(() => {
  for (const double of [world.sandbox.slack, world.sandbox.salesforce, world.sandbox.smtp]) double.reset()
})

afterAll(() => world[Symbol.asyncDispose]())

const previewed = z.object({
  connector: z.string(),
  state: z.string(),
  reason: z.string().optional(),
  title: z.string().optional(),
  contentType: z.string().optional(),
  body: z.string().default(''),
})

const preview = async (registration: unknown) => {
  const file = await world.folder.write('preview.json', JSON.stringify(registration))
  const { code, stdout } = await callProgram([
    'preview',
    file,
    '--config',
    world.folder.at('onsignup.yaml'),
    '--json',
  ])
  expect(code).toBe(0)
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => previewed.parse(JSON.parse(line)))
  return new Map(lines.map((line) => [line.connector, line]))
}

/** As Slack's SDK puts them into a form: text as it is, the rest as JSON. */
const asForm = (json: string): string =>
  stringify(
    Object.fromEntries(
      Object.entries(z.record(z.string(), z.unknown()).parse(JSON.parse(json))).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  )

const untilSent = async (registration: unknown): Promise<void> => {
  const { id } = await publish(url, registration)
  await until('all is sent', async () =>
    Object.values(await statesOf(url, id)).every((state) => state === 'delivered' || state === 'skipped'),
  )
}

const withoutDates = (mail: string): string => mail.replaceAll(/^Date: .*$/gm, 'Date: …')

describe('preview', () => {
  test.each([
    ['a plain registration', ada],
    ['a hostile one', hostile],
  ])('of %s is byte for byte what is then sent', async (_what, registration) => {
    const shown = await preview(registration)
    const { slack, salesforce, smtp } = world.sandbox
    // What Salesforce is asked at the start writes nothing.
    const writes = salesforce.requests.filter(({ path }) => path.includes('/composite/'))
    expect([slack.requests, writes, smtp.sessions]).toEqual([[], [], []])

    await untilSent(registration)
    const posts = [...shown.values()].filter(({ title }) => title?.startsWith('chat.postMessage'))
    expect(slack.requests.map(({ body }) => body).toSorted()).toEqual(
      posts.map(({ body }) => asForm(body)).toSorted(),
    )
    const upsert = salesforce.requests.find(({ method }) => method === 'PATCH')
    expect(upsert?.body).toBe(shown.get('crm')?.body)
    expect(`PATCH ${upsert?.path}`).toBe(shown.get('crm')?.title)
    expect(smtp.mailbox.map(({ raw }) => withoutDates(raw)).toSorted()).toEqual(
      ['welcome', 'html'].map((name) => withoutDates(shown.get(name)?.body ?? '')).toSorted(),
    )
    expect(smtp.mailbox.map(({ envelope }) => envelope.to.length)).toEqual([1, 1])
  })

  test('says whose if is false, and which there are', async () => {
    const shown = await preview(ada)
    expect([...shown.values()].map(({ connector, state, reason }) => [connector, state, reason])).toEqual([
      ['team-slack', 'would send', undefined],
      ['crm', 'would send', undefined],
      ['welcome', 'would send', undefined],
      ['html', 'would send', undefined],
      ['blocks', 'skipped', 'its if is false'],
    ])
  })

  test('is shown to people under a line that says where it would go', async () => {
    const file = await world.folder.write('preview.json', JSON.stringify(ada))
    const config = ['--config', world.folder.at('onsignup.yaml')]
    const { code, stdout } = await callProgram(['preview', file, ...config, '--connector', 'team-slack'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^── team-slack · chat\.postMessage to C0000000001 · application\/json\n\{\n/)
    const other = await callProgram(['preview', file, ...config, '--connector', 'nobody'])
    expect(other).toMatchObject({ code: 2, stderr: 'error: there is no connector nobody\n' })
  })

  test('of what is no registration says what is wrong with it', async () => {
    const file = await world.folder.write('bad.json', '{"user":{"email":1}}')
    const config = ['--config', world.folder.at('onsignup.yaml')]
    const { code, stdout, stderr } = await callProgram(['preview', file, ...config])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: not a registration: user\.email: /)
  })
})
