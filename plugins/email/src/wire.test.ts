import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { connectPlugin, sampleEvent, testRun } from '@onsignup/core/testing'
import { simpleParser } from 'mailparser'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { cert } from '../test/localhost.ts'
import { scriptedServer, type Script } from '../test/scripted-server.ts'
import email from './index.ts'

// What goes over the wire, command by command, when the input or the server means harm.

const trusted = getCACertificates()
const trustLocalhost = () => setDefaultCACertificates([...trusted, cert])
afterEach(() => setDefaultCACertificates(trusted))

/** What breaks loose, which would end the program. */
const looseErrors = (): readonly unknown[] => {
  const loose: unknown[] = []
  const note = (error: unknown) => void loose.push(error)
  process.on('uncaughtException', note).on('unhandledRejection', note)
  onTestFinished(() => void process.off('uncaughtException', note).off('unhandledRejection', note))
  return loose
}

const sendTo = async (script: Script, options: object = {}, event = sampleEvent(), run = testRun()) => {
  await using server = await scriptedServer(script)
  const loose = looseErrors()
  const connector = await connectPlugin(email, {
    server: `smtp://localhost:${server.port}`,
    from: 'Acme <hello@acme.com>',
    ...options,
  })
  const outcome = await connector.postUserRegistration?.(event, run)
  await connector.close?.()
  await new Promise(setImmediate)
  const { commands, messages } = server
  return { outcome, commands, messages, connections: server.connections(), loose }
}

const addressed = (address: string, options: object = {}) =>
  sendTo({}, options, sampleEvent({ user: { email: address } }))

describe('an address that somebody signed up with', () => {
  test.each([
    ['with a command in it', 'x\r\nRCPT TO:<evil@z.example>'],
    ['with a command after it', 'ada@x.example>\r\nRCPT TO:<evil@z.example'],
    ['with a line feed alone', 'ada@x.example\nRCPT TO:<evil@z.example>'],
    ['with a carriage return alone', 'ada@x.example\rBcc: evil@z.example'],
    ['with another beside it', 'ada@x.example, evil@z.example'],
    ['with another after a semicolon', 'ada@x.example; evil@z.example'],
    ['with another after a space', 'ada@x.example evil@z.example'],
    ['in a group', 'Friends: ada@x.example, evil@z.example;'],
    ['with a name', 'Ada <evil@z.example>'],
    ['with a quoted part', '"ada@x.example> RCPT TO:<evil"@z.example'],
    ['with a quoted part that hides a second one', '"ada@x.example, x"@z.example'],
    ['with a comment', 'ada(evil@z.example)@x.example'],
    ['with a comment at the end', 'ada@x.example (evil@z.example)'],
    ['with a route', '@z.example:ada@x.example'],
    ['with a percent that older servers route by', 'evil%z.example@x.example@y.example'],
    ['with parameters', 'ada@x.example> NOTIFY=SUCCESS ORCPT=rfc822;evil@z.example'],
    ['with a NUL', 'ada@x.example\0evil@z.example'],
    ['with letters that look like others before the @', 'аda@x.example'],
    ['with an @ of another alphabet', 'ada＠x.example'],
    ['with a turn of direction', 'ada@x.example\u202Emoc.live'],
    ['with a literal address', 'ada@[127.0.0.1]'],
    ['of 10,000 letters', `${'a'.repeat(10_000)}@x.example`],
  ])('%s is a data error and reaches nobody', async (_what, address) => {
    const { outcome, connections, loose } = await addressed(address)
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'address_invalid' })
    expect(String(outcome instanceof Error && outcome.message)).not.toMatch(/evil|ada/)
    expect({ connections, loose }).toEqual({ connections: 0, loose: [] })
  })

  test.each([
    ['plain', 'ada@x.example', 'ada@x.example'],
    ['with spaces around it', '  ada@x.example\t', 'ada@x.example'],
    [
      'with every sign that needs no quotes',
      "a!#$%&'*+/=?^_`{|}~-b@x.example",
      "a!#$%&'*+/=?^_`{|}~-b@x.example",
    ],
    ['at a domain beyond ASCII', 'ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['at a domain with full-width letters', 'ada@ｘ.example', 'ada@x.example'],
    ['that looks like an option', '-oQ/tmp@x.example', '-oQ/tmp@x.example'],
  ])('%s is the one recipient', async (_what, address, recipient) => {
    const { outcome, commands, messages } = await addressed(address)
    expect(outcome).toMatchObject({ kind: 'delivered' })
    expect(commands.filter((command) => /^(?:MAIL|RCPT)/i.test(command))).toEqual([
      'MAIL FROM:<hello@acme.com>',
      `RCPT TO:<${recipient}>`,
    ])
    expect(messages[0]?.split('\r\n')).toContain(`To: ${recipient}`)
  })

  test('may be a template that makes two of one: that reaches nobody either', async () => {
    const { outcome, connections } = await sendTo(
      {},
      { to: '{{ user.email }}, {{ user.user_metadata.friend }}' },
      sampleEvent({ user: { user_metadata: { friend: 'evil@z.example' } } }),
    )
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'address_invalid' })
    expect(connections).toBe(0)
  })
})

describe('a name that somebody signed up with', () => {
  test.each([
    [
      'with header lines',
      'Ada\r\nBcc: evil@z.example\r\nSubject: pwned\r\n\r\n.\r\nMAIL FROM:<evil@z.example>',
    ],
    ['with a lone dot', 'Ada\r\n.\r\nRSET\r\nMAIL FROM:<evil@z.example>\r\nRCPT TO:<evil@z.example>\r\nDATA'],
    ['with a dot between line feeds', 'Ada\n.\nRCPT TO:<evil@z.example>'],
    ['with a dot between carriage returns', 'Ada\r.\rRCPT TO:<evil@z.example>'],
    ['that turns the direction', 'Ada \u202Egpj.exe\u202C'],
    ['of 10 kB of emoji', '💥'.repeat(2_560)],
    ['of half characters', 'A\uD83Dda\uDE00'],
    ['that is an encoded word', '=?utf-8?Q?=0D=0ABcc:_evil@z.example?='],
    ['that looks like a template', '{{ user.id }}{% raw %}'],
  ])('%s adds neither a header, nor a command, nor a recipient', async (_what, name) => {
    const every = '{{ user.givenName }} {{ user.name }}'
    const { outcome, commands, messages, loose } = await sendTo(
      {},
      { subject: every, text: `A\n${every}\nB`, html: `<p>${every}</p>` },
      sampleEvent({ user: { givenName: name, name } }),
    )
    expect(outcome).toMatchObject({ kind: 'delivered' })
    const isHello = (command: string) => /^(?:EHLO|STARTTLS|QUIT)/.test(command)
    expect(commands.filter((command) => !isHello(command))).toEqual([
      ...['MAIL FROM:<hello@acme.com>', 'RCPT TO:<user1@foo.com>', 'DATA'],
    ])
    expect(messages).toHaveLength(1)
    const [raw = ''] = messages
    expect(raw).toMatch(/^(?:[\t\x20-\x7E]|\r\n)*$/)
    expect(raw.split('\r\n').every((line) => line.length <= 998)).toBe(true)
    expect(
      raw
        .split('\r\n\r\n')[0]
        ?.match(/^[A-Z][\w-]+(?=:)/gm)
        ?.toSorted(),
    ).toEqual(
      [
        ...['Auto-Submitted', 'Content-Type', 'Date', 'From', 'MIME-Version', 'Message-ID'],
        ...['Subject', 'To', 'X-Auto-Response-Suppress'],
      ].toSorted(),
    )
    const mail = await simpleParser(raw.replace(/^\.\./gm, '.'))
    expect(mail.bcc).toBeUndefined()
    expect(mail.to).toMatchObject({ value: [{ address: 'user1@foo.com', name: '' }] })
    expect(`${mail.subject}${mail.text}${String(mail.html)}`).not.toMatch(/[\u202A-\u202E]/)
    expect(loose).toEqual([])
  })
})

type Break = readonly [where: string, script: Script, kind: string, options?: object]

const login = { user: 'hello', password: 'geheim/#1' }
const secure = { tls: 'required' }
const offers: Script = { ehlo: '250-scripted.example\r\n250-STARTTLS\r\n250 AUTH PLAIN', starttls: '220 go' }

const breaks: readonly Break[] = [
  ['cuts at the greeting', { greeting: 'cut' }, 'retry'],
  ['cuts at EHLO', { ehlo: 'cut' }, 'retry'],
  ['cuts at STARTTLS', { ...offers, starttls: 'cut' }, 'retry', secure],
  ['cuts in the handshake', { ...offers, handshake: 'cut' }, 'retry', secure],
  ['cuts in a handshake that was not needed', { ...offers, handshake: 'cut' }, 'retry'],
  ['speaks no TLS after all', { ...offers, handshake: 'garbage' }, 'misconfigured', secure],
  ['cuts at AUTH', { auth: 'cut' }, 'retry', login],
  ['cuts at MAIL', { mail: 'cut' }, 'retry'],
  ['cuts at RCPT', { rcpt: 'cut' }, 'retry'],
  ['cuts at DATA', { data: 'cut' }, 'retry'],
  ['cuts in the message', { body: 'cut' }, 'unknown', { text: 'x'.repeat(10) }],
  ['cuts after the message', { dot: 'cut' }, 'unknown'],
  ['cuts after the message under TLS', { ...offers, dot: 'cut' }, 'unknown', secure],
  ['answers the message with nonsense', { dot: 'thanks' }, 'unknown'],
  [
    'shows a certificate that nobody trusts',
    { ...offers, greeting: '220 untrusted' },
    'misconfigured',
    secure,
  ],
  ['had its STARTTLS taken away on the way', {}, 'misconfigured', { ...secure, ...login }],
]

describe('a server that', () => {
  for (const [where, script, kind, options] of breaks) {
    test(`${where}: ${kind}, one attempt on the wire`, async () => {
      if (script.greeting !== '220 untrusted') trustLocalhost()
      const { outcome, connections, messages, commands, loose } = await sendTo(script, options)
      expect(outcome).toMatchObject({ kind })
      expect(connections).toBe(1)
      expect(messages.length).toBe(script.dot === undefined ? 0 : 1)
      const told = commands.filter((command) => /^(?:AUTH|MAIL)/.test(command))
      expect(kind === 'misconfigured' ? told : []).toEqual([])
      expect(loose).toEqual([])
    })
  }

  test.each([
    ['at the greeting', { greeting: 'hang' }, 'retry', {}],
    ['at EHLO', { ehlo: 'hang' }, 'retry', {}],
    ['at STARTTLS', { ...offers, starttls: 'hang' }, 'retry', secure],
    ['in the handshake', { ...offers, handshake: 'hang' }, 'retry', secure],
    ['at AUTH', { auth: 'hang' }, 'retry', login],
    ['at MAIL', { mail: 'hang' }, 'retry', {}],
    ['at RCPT', { rcpt: 'hang' }, 'retry', {}],
    ['at DATA', { data: 'hang' }, 'retry', {}],
    ['after the message', { dot: 'hang' }, 'unknown', {}],
  ] as const)('stalls %s is given up at the deadline', async (_where, script, kind, options) => {
    trustLocalhost()
    const run = testRun({ signal: AbortSignal.timeout(300) })
    const { outcome, connections, loose } = await sendTo(script, options, sampleEvent(), run)
    expect(outcome).toMatchObject({ kind, code: 'EABORT' })
    expect({ connections, loose }).toEqual({ connections: 1, loose: [] })
  })

  test('has answers put in front of TLS by somebody on the way: they are not read as its own', async () => {
    trustLocalhost()
    // Read as its own, the first would make the message too large, and the second refuse the password.
    const injected = '220 go\r\n250-evil.example\r\n250 SIZE 1\r\n535 5.7.8 no\r\n250 ok\r\n250 ok'
    const { outcome, commands, loose } = await sendTo(
      { ...offers, starttls: injected },
      { ...secure, ...login },
    )
    expect(outcome).toMatchObject({ kind: 'delivered', detail: '250 2.0.0 queued as 4711' })
    expect(commands.map((command) => command.split(' ')[0])).toEqual([
      ...['EHLO', 'STARTTLS', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA'],
    ])
    expect(loose).toEqual([])
  })

  test('takes no STARTTLS gets no password in the clear, from whoever asks', async () => {
    const { commands } = await sendTo({ ehlo: '250-x\r\n250 AUTH PLAIN LOGIN' }, { ...secure, ...login })
    expect(commands.join('\n')).not.toMatch(/AUTH|geheim|Z2VoZWlt/)
  })
})
