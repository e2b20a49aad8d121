import { describe, expect, test } from 'vitest'
import { ConfigurationError } from './finding.ts'
import { chatWith, findingsOf, linesOf, load, TOKEN } from './test-support.ts'

const TEN = `server:
  port: 70000
  tokn: xoxb-super-secret
store: ./data/onsignup.db
connectors:
  team:
    uses: chat
    if: user.emailVerifed and context.connection.name != "test"
    timeout: 10 seconds
    with:
      token: \${CHAT_TOKEN}
      channel: 123
      adress: x
      address: chat example
      text: "{{ user.email | upcaze }}"
  other:
    uses: chatt
    with:
      token: xoxb-super-secret
`

test('ten mistakes are ten findings in one run, each with its line and its mend', async () => {
  const lines = await linesOf(TEN, { env: { HIDDEN: 'xoxb-super-secret' } })
  expect(lines).toEqual([
    'onsignup.yaml:2:9  server.port  70000 is out of range  → write a whole number from 0 to 65535',
    'onsignup.yaml:3:3  server.tokn  unknown key tokn  → write token',
    'onsignup.yaml:8:9  connectors.team.if  no event has user.emailVerifed  → write user.emailVerified',
    'onsignup.yaml:9:14  connectors.team.timeout  "10 seconds" does not fit  → write a duration: a number and a unit, as 10s, 5m or 1h',
    'onsignup.yaml:11:14  connectors.team.with.token  CHAT_TOKEN is not set  → set CHAT_TOKEN in the environment or in .env beside the file',
    'onsignup.yaml:12:16  connectors.team.with.channel  expected text, found 123  → put it in quotes',
    'onsignup.yaml:13:7  connectors.team.with.adress  unknown key adress  → write address',
    'onsignup.yaml:14:16  connectors.team.with.address  "chat example" does not fit  → write an address, as https://chat.example',
    'onsignup.yaml:15:13  connectors.team.with.text  there is no filter upcaze  → write upcase',
    'onsignup.yaml:17:11  connectors.other.uses  there is no plugin chatt  → write chat',
  ])
  expect(lines.join('\n')).not.toContain('super-secret')
})

test('alerts go to a connector of the file, and the nearest name is told', async () => {
  const file = (alerts: string) => `alerts: ${alerts}\nconnectors:\n  team: { uses: hook }\n`
  expect(await linesOf(file('taem'))).toEqual([
    'onsignup.yaml:1:9  alerts  there is no connector taem  → write team',
  ])
  expect(await linesOf(file('somebody-else'))).toEqual([
    'onsignup.yaml:1:9  alerts  there is no connector somebody-else  → write the name of one of the connectors',
  ])
  expect(await load(file('team'))).toMatchObject({ alerts: 'team' })
})

test('the error has a code, a count and every finding in its message', async () => {
  const error: unknown = await load('connectors:\n  a: {}\n  B: { uses: hook }\n').catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(error).toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringMatching(
      /^2 mistakes in .*onsignup\.yaml\n.*:2:3 {2}connectors\.a\.uses .*\n.*:3:3 {2}/,
    ),
  })
})

describe('the frame', () => {
  test.each([
    ['a key of a later version', 'dashboard: {}', '1:1', 'unknown key dashboard'],
    ['an unknown key in a section', 'server: { prot: 1 }', '1:11', 'unknown key prot'],
    ['a section that is a value', 'server: 8080', '1:9', 'expected a mapping, found the value'],
    ['a section that is a list', 'server: [1]', '1:1', 'expected a mapping, found a list'],
    ['a fraction', 'server: { port: 80.5 }', '1:17', 'expected a whole number, found 80.5'],
    [
      'words where a number is wanted',
      'server: { port: http }',
      '1:17',
      'expected a whole number, found "http"',
    ],
    ['an empty token', 'server: { token: "" }', '1:18', 'is empty'],
    ['a token with a space', 'server: { token: "a b" }', '1:18', 'the value does not fit'],
    ['a duration without a unit', 'server: { grace: 8 }', '1:18', 'expected a duration, found 8'],
    ['PostgreSQL', 'store: postgres://me:pw@host/db', '1:8', 'PostgreSQL is not supported yet'],
    ['an address as the store', 'store: https://host/db', '1:8', 'the store is a file, not an address'],
  ])('refuses %s', async (_, line, place, message) => {
    const [found, ...rest] = await linesOf(`${line}\nconnectors: {}\n`)
    expect(rest).toEqual([])
    expect(found).toMatch(new RegExp(`^onsignup\\.yaml:${place} {2}`))
    expect(found).toContain(`  ${message}  → `)
  })

  test.each(['0.0.0.0', '192.0.2.1', '::', 'example.com'])(
    'without a token may not listen on %s',
    async (host) => {
      const lines = await linesOf(`server:\n  host: '${host}'\nconnectors: {}\n`)
      expect(lines).toEqual([
        'onsignup.yaml:2:9  server.host  without a token only this machine may call  → set server.token, or leave host out',
      ])
    },
  )

  test.each(['127.0.0.1', 'localhost', '::1'])('without a token may listen on %s', async (host) => {
    const { server } = await load(`server:\n  host: '${host}'\nconnectors: {}\n`)
    expect(server).toMatchObject({ host, token: null })
  })

  test('must have connectors', async () => {
    expect(await linesOf('server: {}\n')).toEqual([
      expect.stringContaining(':1:1  connectors  is missing  → add it'),
    ])
    expect(await linesOf('- a\n')).toEqual([
      expect.stringContaining(':1:1  expected a mapping, found a list'),
    ])
  })
})

describe('a connector', () => {
  test.each(['Team', '1st', 'a b', '_a', 'ä', 'a'.repeat(64)])('may not be named %s', async (name) => {
    expect(await linesOf(`connectors:\n  ${name}: { uses: hook }\n`)).toEqual([
      expect.stringContaining(
        `:2:3  connectors.${name}  ${name} is no name for a connector  → write a small letter`,
      ),
    ])
  })

  test('may be named with 63 letters, digits, - and _', async () => {
    const name = `a-b_9${'x'.repeat(58)}`
    expect((await load(`connectors:\n  ${name}: { uses: hook }\n`)).connectors[0]?.name).toBe(name)
  })

  test('that is empty misses its uses', async () => {
    expect(await linesOf('connectors:\n  a:\n')).toEqual([
      expect.stringContaining(':2:3  connectors.a.uses  is missing'),
    ])
  })

  test('with a wrong rate is told so at its place, its template too', async () => {
    const yaml = `connectors:
  a: { uses: hook, rate: 10 per second }
  b: { uses: hook, rate: { limit: 5/s, brust: 2 } }
  c: { uses: hook, rate: { limit: 5/s, key: '{{ user.tennant }}' } }
  d: { uses: hook, rate: { limit: 5/s, burst: 3, key: '{{ user.tenant }}', bucket: org } }
  e: { uses: hook, rate: 10/s }
`
    expect(await linesOf(yaml)).toEqual([
      expect.stringMatching(/:2:26 {2}connectors\.a\.rate {2}.*→ write a rate/),
      expect.stringContaining(':3:40  connectors.b.rate.brust  unknown key brust  → write burst'),
      expect.stringContaining(':4:45  connectors.c.rate.key  no event has user.tennant  → write user.tenant'),
    ])
  })

  test('with an unknown setting or a bad one is told so', async () => {
    const yaml = `connectors:
  a:
    uses: hook
    retyr: {}
    retry: { max_attempts: 0, factr: 2 }
    on_unknown: hodl
    concurrency: "many"
`
    expect(await linesOf(yaml)).toEqual([
      expect.stringContaining(':4:5  connectors.a.retyr  unknown key retyr  → '),
      expect.stringContaining(
        ':5:28  connectors.a.retry.max_attempts  0 is out of range  → write a whole number from 1 to 1000',
      ),
      expect.stringContaining(':5:31  connectors.a.retry.factr  unknown key factr  → write factor'),
      expect.stringContaining(':6:17  connectors.a.on_unknown  "hodl" is not one of retry, hold  → '),
      expect.stringContaining(
        ':7:18  connectors.a.concurrency  expected a whole number, found "many"  → write a whole',
      ),
    ])
  })

  test('that is a function takes no options', async () => {
    expect(await linesOf('connectors:\n  a:\n    uses: hook\n    with: { a: 1 }\n')).toEqual([
      expect.stringContaining(
        ':4:5  connectors.a.with  hook is a function, which takes no options  → remove with',
      ),
    ])
  })

  test.each([
    ['true', 'expected text, found true'],
    ['', 'expected text, found nothing'],
    ['""', 'the condition is empty'],
    ['user.emailVerified && user.email', '&& is no operator here'],
    ["'{{ user.emailVerified }}'", 'a condition is a bare expression'],
    ['user.emailVerified maybe', 'stray word maybe'],
    ['user.nmae == "x"', 'no event has user.nmae'],
  ])('may not have the condition %j', async (condition, message) => {
    expect(await linesOf(`connectors:\n  a:\n    uses: hook\n    if: ${condition}\n`)).toEqual([
      expect.stringContaining(`  connectors.a.if  ${message}`),
    ])
  })
})

describe("a plugin's options", () => {
  test('that are missing are asked for at the connector, with what they are for', async () => {
    expect(await linesOf('connectors:\n  a:\n    uses: chat\n')).toEqual([
      'onsignup.yaml:2:3  connectors.a.with.token  is missing  → add it: The bot token',
      'onsignup.yaml:2:3  connectors.a.with.channel  is missing  → add it: Where to post',
    ])
  })

  test.each([
    [
      'loud: "yes"',
      ':7:13  connectors.team.with.loud  expected true or false, found "yes"  → write true or false',
    ],
    ['size: 11', ':7:13  connectors.team.with.size  11 is out of range  → write a whole number from 1 to 10'],
    [
      'mode: upsret',
      ':7:13  connectors.team.with.mode  "upsret" is not one of create, upsert  → write upsert',
    ],
    [
      'mode: other',
      ':7:13  connectors.team.with.mode  "other" is not one of create, upsert  → write create or upsert',
    ],
    [
      'version: 66.0',
      ':7:16  connectors.team.with.version  expected text, found 66  → write it in quotes, as "66.0"',
    ],
    ['id: { feild: x }', ':7:7  connectors.team.with.id.field  is missing  → add it'],
    ['id: x', ':7:11  connectors.team.with.id  expected a mapping, found the value  → write a mapping'],
    [
      'fields: { A: true }',
      ':7:20  connectors.team.with.fields.A  expected text or a number, found true  → put it in quotes',
    ],
    ['fields: { a: x }', ':7:20  connectors.team.with.fields.a  this is no key here  → begin with a capital'],
    ['blocks: [{}]', ':7:16  connectors.team.with.blocks[0].type  is missing  → add it'],
    ['text:', ':7:7  connectors.team.with.text  expected text, found nothing  → write text'],
    [
      'text: #x',
      ':7:7  connectors.team.with.text  expected text, found nothing  → put it in quotes: a bare # starts a comment',
    ],
    ['blocks: x', ':7:15  connectors.team.with.blocks  expected a list, found the value  → write a list'],
  ])('may not be %j', async (line, expected) => {
    expect(await linesOf(chatWith(TOKEN, 'channel: a', line))).toContain(`onsignup.yaml${expected}`)
  })

  test('that contradict each other are told so at their place', async () => {
    expect(await linesOf(chatWith(TOKEN, 'channel: a', 'mode: create', 'id: { field: x }'))).toEqual([
      'onsignup.yaml:8:7  connectors.team.with.id  create looks for nothing  → remove it',
    ])
  })

  test('keep what their author says of them', async () => {
    expect(await linesOf(chatWith('token: nope', 'channel: a'))).toEqual([
      'onsignup.yaml:5:14  connectors.team.with.token  this is no bot token  → write the one that begins with xoxb-',
    ])
  })

  test('from an empty variable name the variable', async () => {
    expect(await linesOf(chatWith('token: ${T}', 'channel: a'), { env: { T: '' } })).toEqual([
      'onsignup.yaml:5:14  connectors.team.with.token  is empty  → set T in the environment or in .env beside the file',
    ])
  })

  test('from an unset variable are one mistake, not two', async () => {
    expect(
      await findingsOf(chatWith('token: ${T}', 'channel: a', 'size: ${S}', 'address: ${A:?where}')),
    ).toEqual([
      expect.objectContaining({ line: 5, column: 14, message: 'T is not set' }),
      expect.objectContaining({ line: 7, column: 13, message: 'S is not set' }),
      expect.objectContaining({ line: 8, column: 16, message: 'A is not set: where' }),
    ])
  })

  test('have every template in them checked at its own line', async () => {
    const yaml = chatWith(
      TOKEN,
      'channel: "{{ not.a.template }}"',
      'text: |',
      '  {{ user.emal }}',
      'fields:',
      '  A: "{{ user.email }}"',
      '  B: "{{ user.email"',
      'blocks:',
      '  - type: "{{ user.user_metadata.anything }}"',
      '    deep: [{ er: "{{ user.email | nope_filter }}" }]',
    )
    expect(await linesOf(yaml)).toEqual([
      expect.stringContaining(':7:13  connectors.team.with.text  no event has user.emal  → write user.email'),
      expect.stringContaining(':11:12  connectors.team.with.fields.B  output "{{ user.email" not closed  → '),
      expect.stringContaining(
        ':14:24  connectors.team.with.blocks[0].deep[0].er  there is no filter nope_filter  → ',
      ),
    ])
  })
})
