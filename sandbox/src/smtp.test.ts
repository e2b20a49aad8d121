import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'
import { startSmtp } from './smtp.ts'
import type { SmtpDouble, SmtpOptions } from './smtp.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const part of open.splice(0)) await part.close()
})

async function start(options?: SmtpOptions): Promise<SmtpDouble> {
  const smtp = await startSmtp(options)
  open.push(smtp)
  return smtp
}

interface Talk {
  /** Says a line, or nothing, and hears the last line of the reply; undefined when the connection ends. */
  say(line?: string): Promise<string | undefined>
  readonly heard: string[]
}

async function talk(smtp: SmtpDouble): Promise<Talk> {
  const socket: Socket = connect(smtp.port, '127.0.0.1')
  socket.on('error', () => {})
  open.push({ close: async () => void socket.destroy() })
  await once(socket, 'connect')
  const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]()
  const heard: string[] = []
  return {
    heard,
    async say(line) {
      if (line !== undefined) socket.write(`${line}\r\n`)
      for (;;) {
        const next = await lines.next()
        if (next.done === true) return undefined
        heard.push(next.value)
        if (/^\d{3} /.test(next.value)) return next.value
      }
    },
  }
}

const MESSAGE = [
  'From: Acme <hello@acme.com>',
  'To: Jo <jo@example.com>',
  'Subject: =?UTF-8?Q?Willkommen_=C3=A4?=',
  'Message-ID: <1@acme.com>',
  'List-Unsubscribe: <https://a.test>',
  'List-Unsubscribe: <https://b.test>',
  '',
  '..dotted',
  '.',
].join('\r\n')

async function mail(smtp: SmtpDouble): Promise<readonly (string | undefined)[]> {
  const { say } = await talk(smtp)
  const replies: (string | undefined)[] = [await say()]
  if (replies[0]?.startsWith('220') !== true) return replies
  const lines = ['EHLO test', 'MAIL FROM:<hello@acme.com>', 'RCPT TO:<jo@example.com>', 'DATA', MESSAGE]
  for (const line of lines) {
    const reply = await say(line)
    replies.push(reply)
    if (reply === undefined || /^[45]/.test(reply)) break
  }
  return replies
}

const codes = (replies: readonly (string | undefined)[]) => replies.map((reply) => reply?.slice(0, 3))

describe('a mail', () => {
  test('lands in the mailbox, parsed and raw', async () => {
    const smtp = await start()
    expect(codes(await mail(smtp))).toEqual(['220', '250', '250', '250', '354', '250'])
    expect(smtp.mailbox).toMatchObject([
      {
        envelope: { from: 'hello@acme.com', to: ['jo@example.com'] },
        messageId: '<1@acme.com>',
        subject: 'Willkommen ä',
        text: '.dotted\n',
        html: undefined,
        headers: { 'list-unsubscribe': ['<https://a.test>', '<https://b.test>'] },
        secure: false,
      },
    ])
    expect(smtp.mailbox[0]?.raw).toContain('Subject: =?UTF-8?Q?Willkommen_=C3=A4?=\r\n')
  })

  test('is forgotten by reset', async () => {
    const smtp = await start()
    await mail(smtp)
    smtp.misbehave({ kind: 'greeting' })
    smtp.reset()
    expect([smtp.mailbox, smtp.sessions]).toEqual([[], []])
    expect(codes(await mail(smtp))).toContain('354')
  })
})

describe('the extensions offered', () => {
  const offered = async (options?: SmtpOptions) => {
    const { say, heard } = await talk(await start(options))
    await say()
    await say('EHLO test')
    return heard.map((line) => line.slice(4))
  }

  test('are neither AUTH nor STARTTLS by default', async () => {
    expect((await offered()).join(' ')).not.toMatch(/AUTH|STARTTLS/)
  })

  test('are STARTTLS when asked for, and AUTH with a user', async () => {
    expect(await offered({ tls: 'starttls' })).toContain('STARTTLS')
    expect(await offered({ user: 'hello', password: 'x' })).toContain('AUTH LOGIN PLAIN')
  })
})

describe('a user and a password', () => {
  const plain = (password: string) => `AUTH PLAIN ${Buffer.from(`\0hello\0${password}`).toString('base64')}`

  test('are needed before any mail', async () => {
    expect(codes(await mail(await start({ user: 'hello', password: 'se#cr:t' })))).toEqual([
      '220',
      '250',
      '530',
    ])
  })

  test('are checked', async () => {
    const smtp = await start({ user: 'hello', password: 'se#cr:t' })
    const { say } = await talk(smtp)
    await say()
    await say('EHLO test')
    expect(await say(plain('wrong'))).toMatch(/^535 5\.7\.8/)
    smtp.misbehave({ kind: 'refuse-auth', code: 454, message: '4.7.0 later', times: 1 })
    expect(await say(plain('se#cr:t'))).toBe('454 4.7.0 later')
    expect(await say(plain('se#cr:t'))).toMatch(/^235/)
    expect(smtp.sessions).toMatchObject([{ user: 'hello', secure: false, open: true }])
  })
})

describe('misbehaviour', () => {
  test.each([
    [{ kind: 'greeting' }, ['421']],
    [{ kind: 'greeting', code: 554 }, ['554']],
    [{ kind: 'refuse-sender' }, ['220', '250', '550']],
    [{ kind: 'greylist' }, ['220', '250', '250', '450']],
    [{ kind: 'reject' }, ['220', '250', '250', '550']],
    [{ kind: 'reject', recipient: 'jo@example.com', code: 553 }, ['220', '250', '250', '553']],
    [{ kind: 'refuse-message', code: 451 }, ['220', '250', '250', '250', '354', '451']],
    [{ kind: 'cut-mid-data' }, ['220', '250', '250', '250', '354', undefined]],
    [{ kind: 'cut-after-dot' }, ['220', '250', '250', '250', '354', undefined]],
  ] as const)('%j stores nothing, and only happens as often as told', async (fault, replies) => {
    const smtp = await start()
    smtp.misbehave({ ...fault, times: 1 })
    expect(codes(await mail(smtp))).toEqual(replies)
    expect(smtp.mailbox).toEqual([])
    await mail(smtp)
    expect(smtp.mailbox).toHaveLength(1)
  })

  test('keeps the enhanced code in the class of the reply code', async () => {
    const smtp = await start()
    smtp.misbehave({ kind: 'refuse-message', code: 451, times: 1 })
    expect((await mail(smtp)).at(-1)).toBe('451 4.7.1 Message refused')
    smtp.misbehave({ kind: 'refuse-message', message: '5.6.0 spam', times: 1 })
    expect((await mail(smtp)).at(-1)).toBe('554 5.6.0 spam')
  })

  test('of one recipient leaves others alone', async () => {
    const smtp = await start()
    smtp.misbehave({ kind: 'reject', recipient: 'other@example.com' })
    await mail(smtp)
    expect(smtp.mailbox).toHaveLength(1)
  })

  test('can cut the connection after the mail was taken', async () => {
    const smtp = await start()
    smtp.misbehave({ kind: 'cut-after-dot', afterEffect: true, times: 1 })
    expect((await mail(smtp)).at(-1)).toBeUndefined()
    expect(smtp.mailbox).toHaveLength(1)
  })

  test('hangs after the dot, with the mail taken, until closed', async () => {
    const smtp = await start()
    smtp.misbehave({ kind: 'hang-after-dot', afterEffect: true })
    const replies = mail(smtp)
    await expect.poll(() => smtp.mailbox.length).toBe(1)
    await smtp.close()
    expect((await replies).at(-1)).toBeUndefined()
  })
})
