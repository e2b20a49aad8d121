import { OnSignupError, type RegistrationEvent } from '@onsignup/core'
import { sampleEvent, testServices } from '@onsignup/core/testing'
import { simpleParser } from 'mailparser'
import { describe, expect, test } from 'vitest'
import { parseMailbox, type Mailbox } from './address.ts'
import { createComposer, type Letter } from './message.ts'
import { optionsSchema } from './options.ts'
import { createVersions } from './versions.ts'

const mailbox = (text: string): Mailbox => {
  const parsed = parseMailbox(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

const files: Readonly<Record<string, string>> = {
  './welcome.html': '<p>Hello {{ user.givenName }} from a file</p>',
  './welcome.txt': 'Hello {{ user.givenName }} from a file',
}

const services = testServices({
  files: {
    read: async (path) => {
      const found = files[path]
      if (found === undefined) throw new OnSignupError('file_unreadable', `no file ${path}`)
      return found
    },
  },
})

const composer = async (options: object = {}) => {
  const parsed = optionsSchema.parse({
    server: 'smtp://localhost:25',
    from: 'Acme <hello@acme.com>',
    ...options,
  })
  const replyTo = parsed.reply_to === undefined ? undefined : mailbox(parsed.reply_to)
  const from = mailbox(parsed.from)
  const versions = await createVersions(parsed, from, services)
  return createComposer(parsed, versions, { from, replyTo, signer: undefined }, services)
}

const write = async (
  options: object = {},
  event: RegistrationEvent = sampleEvent(),
  key = 'key-1',
): Promise<Letter> => {
  const letter = await (await composer(options))(event, key)
  if ('kind' in letter) throw new Error(`no letter: ${JSON.stringify(letter)}`)
  return letter
}

const read = async (options: object = {}, event?: RegistrationEvent) =>
  simpleParser((await write(options, event)).raw)

describe('the message of the defaults', () => {
  test('welcomes the user by name, as text and as HTML', async () => {
    const mail = await read()
    expect(mail.subject).toBe('Welcome to Acme, Ada')
    expect(mail.text).toBe(`Welcome to Acme, Ada

We are glad that you are here.

Your account is user1@foo.com.

If it was not you who signed up, you can ignore this message.

-- 
Acme
`)
    expect(mail.html).toMatch(/<h1 [^>]*>Welcome to Acme, Ada<\/h1>/)
    expect(mail.html).toContain('<strong>user1@foo.com</strong>')
    expect(mail.from?.value).toEqual([{ name: 'Acme', address: 'hello@acme.com' }])
    expect(mail.to).toMatchObject({ value: [{ name: '', address: 'user1@foo.com' }] })
  })

  test.each([{}, { to: 'team@acme.com' }])('is HTML that every reader can show: %j', async (options) => {
    const { html } = await read(options)
    expect(html).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/)
    expect(html).toContain('<meta name="color-scheme" content="light dark">')
    expect(html).toContain('@media (prefers-color-scheme:dark)')
    expect(html).toContain('<!--[if mso]><table role="presentation" width="560"')
    expect(html).toMatch(/<div style="display:none;[^"]*">[^<]*user1@foo\.com[^<]*<\/div>/)
    // Nothing is fetched: no picture, font or sheet, and nobody learns that it was opened.
    expect(html).not.toMatch(/<img|<link|<script|@import|url\(|https?:/i)
    expect(String(html).match(/<table /g)).toHaveLength(
      String(html).match(/<table role="presentation"/g)?.length ?? 0,
    )
  })

  test('looks right for a user who has an address and nothing else, from a sender without a name', async () => {
    const event = sampleEvent({
      user: { username: null, name: null, givenName: null, familyName: null, phone: null, user_metadata: {} },
    })
    const mail = await read({ from: 'hello@acme.com' }, event)
    expect(mail.subject).toBe('Welcome')
    expect(mail.text).toMatch(/^Welcome\n\nWe are glad/)
    expect(mail.text).not.toContain('-- ')
    expect(mail.html).toContain('<title>Welcome</title>')
  })

  test.each(['Win at http://evil.example', 'evil.example', 'x@evil'])(
    'does not carry the link of somebody who is called %s',
    async (givenName) => {
      const { raw } = await write({}, sampleEvent({ user: { givenName } }))
      expect(raw.toString()).not.toContain('evil')
    },
  )

  test('a sender whose name looks like a template is not run as one', async () => {
    const mail = await read({ from: '{{ user.id }} <hello@acme.com>' })
    expect(mail.subject).toBe('Welcome, Ada')
  })

  test('to a fixed address it is a notice of the sign-up', async () => {
    const mail = await read({ to: 'team@acme.com' })
    expect(mail.subject).toBe('New sign-up: user1@foo.com')
    expect(mail.text).toContain('Name:      Ada Lovelace\nE-mail:    user1@foo.com (verified)\n')
    expect(mail.text).toContain('Through:   Username-Password-Authentication\n')
    expect(mail.html).toContain('Ada Lovelace</td>')
    expect(mail.to).toMatchObject({ text: 'team@acme.com' })
  })

  test('the notice leaves out what is not known', async () => {
    const event = sampleEvent({ user: { name: null, phone: null, username: null, emailVerified: null } })
    const mail = await read({ to: 'team@acme.com' }, event)
    expect(mail.text).toMatch(/^New sign-up\n\nE-mail: {4}user1@foo\.com\nThrough:/)
  })
})

describe('the parts', () => {
  test('text alone is sent as text alone', async () => {
    const mail = await read({ subject: 'S', text: 'Hello {{ user.givenName }}' })
    expect(mail.text).toBe('Hello Ada\n')
    expect(mail.html).toBe(false)
  })

  test('HTML alone gets a text made of it', async () => {
    const mail = await read({
      html: '<p>Hello {{ user.givenName }}</p><p><a href="https://acme.com">Start</a></p>',
    })
    expect(mail.text?.trim()).toBe('Hello Ada\n\nStart (https://acme.com)')
    expect(mail.html).toContain('<p>Hello Ada</p>')
  })

  test('files are read for text and HTML', async () => {
    const mail = await read({ text_file: './welcome.txt', html_file: './welcome.html' })
    expect(mail.text?.trim()).toBe('Hello Ada from a file')
    expect(mail.html).toContain('<p>Hello Ada from a file</p>')
  })

  test('a file that is not there is said before anything is sent', async () => {
    await expect(composer({ html_file: './nowhere.html' })).rejects.toMatchObject({ code: 'file_unreadable' })
  })

  test.each(['subject', 'text', 'html', 'to'])(
    'a template in %s that cannot be is said before anything is sent',
    async (name) => {
      await expect(composer({ [name]: '{{ user.emial }}' })).rejects.toMatchObject({
        code: 'template_invalid',
      })
    },
  )

  test('reply_to is where answers go', async () => {
    expect((await read({ reply_to: 'Help <help@acme.com>' })).replyTo?.text).toBe('"Help" <help@acme.com>')
  })

  test('a file path that a template writes is text and nothing that is read', async () => {
    const mail = await read(
      { html: '{{ user.name }}' },
      sampleEvent({ user: { name: 'file:///etc/passwd' } }),
    )
    expect(mail.html).toBe('file:///etc/passwd')
  })
})

describe('hostile values', () => {
  const hostile = sampleEvent({
    user: {
      givenName: 'A\r\nBcc: evil@z.example\r\n\r\n<script>alert(1)</script>\u202E<!channel>',
      user_metadata: { long: '😀'.repeat(2_500) },
    },
  })

  test('cannot add a header or markup', async () => {
    const mail = await read(
      {
        subject: '{{ user.givenName }}',
        text: 'T {{ user.givenName }}',
        html: '<b>{{ user.givenName }}</b>',
      },
      hostile,
    )
    expect(mail.subject).toBe('A Bcc: evil@z.example <script>alert(1)</script><!channel>')
    expect(mail.bcc).toBeUndefined()
    expect(mail.html).toContain('&lt;script&gt;')
    expect(mail.html).not.toContain('<script>')
    expect(JSON.stringify([mail.text, mail.html, mail.subject])).not.toContain('\u202E')
  })

  test('a long one is cut in the subject at whole characters, and whole in the body', async () => {
    const mail = await read(
      { subject: '{{ user.user_metadata.long }}', text: '{{ user.user_metadata.long }}' },
      hostile,
    )
    expect(mail.subject).toBe(`${'😀'.repeat(249)}…`)
    expect(mail.text).toContain('😀'.repeat(2_500))
  })

  test.each([
    'a@x.example, evil@z.example',
    'a@x.example\r\nRCPT TO:<evil@z.example>',
    '"a" <a@x.example>',
    'nobody',
  ])('an address that is %j is rejected and not repeated', async (email) => {
    const outcome = await (await composer())(sampleEvent({ user: { email } }), 'k')
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'address_invalid' })
    expect(outcome).toHaveProperty('message', expect.not.stringContaining('evil'))
  })

  test('a template that explodes is rejected, the connector goes on', async () => {
    const compose = await composer({
      text: "{% assign x = 'x' %}{% for i in (1..40) %}{% assign x = x | append: x %}{% endfor %}{{ x }}",
    })
    await expect(compose(sampleEvent(), 'k')).rejects.toMatchObject({ kind: 'rejected', code: 'template' })
  })
})

describe('nobody to write to', () => {
  test('a user without an address is skipped', async () => {
    const outcome = await (await composer())(sampleEvent({ user: { email: null } }), 'k')
    expect(outcome).toEqual({ kind: 'skipped', reason: 'the user has no e-mail address' })
  })

  test('a template that comes out empty is skipped and named', async () => {
    const outcome = await (await composer({ to: '{{ user.user_metadata.work }}' }))(sampleEvent(), 'k')
    expect(outcome).toEqual({ kind: 'skipped', reason: '"to" came out empty for this user' })
  })
})

describe('what makes repeats harmless', () => {
  test('the same event under the same key is the same message, byte for byte', async () => {
    expect((await write()).raw.equals((await write()).raw)).toBe(true)
  })

  test('Message-ID depends on the key and the recipient and nothing else', async () => {
    const first = await write()
    expect(first.messageId).toMatch(/^<[0-9a-f]{32}@acme\.com>$/)
    expect((await write({ subject: 'Another' })).messageId).toBe(first.messageId)
    expect((await write({}, sampleEvent(), 'key-2')).messageId).not.toBe(first.messageId)
    expect((await write({}, sampleEvent({ user: { email: 'b@foo.com' } }))).messageId).not.toBe(
      first.messageId,
    )
  })

  test('the headers say when it was accepted and that no person wrote it', async () => {
    const mail = await read()
    expect(mail.date?.toISOString()).toBe(sampleEvent().receivedAt)
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mail.headers.get('x-auto-response-suppress')).toBe('All')
    expect(mail.headers.has('x-mailer')).toBe(false)
  })

  test('every byte is ASCII and every line ends as mail wants it', async () => {
    const { raw } = await write({
      from: 'Grüße <hello@bücher.example>',
      subject: 'Grüße 😀',
      text: 'Grüße\n😀',
    })
    expect(/^[\t\r\n\x20-\x7E]*$/.test(raw.toString('latin1'))).toBe(true)
    expect(/(?<!\r)\n/.test(raw.toString('latin1'))).toBe(false)
  })
})
