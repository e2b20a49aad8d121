import { OnSignupError } from '@onsignup/core'
import { connectPlugin, sampleEvent, testRun, testServices } from '@onsignup/core/testing'
import { simpleParser } from 'mailparser'
import { describe, expect, test } from 'vitest'
import { scriptedServer } from '../test/scripted-server.ts'
import email from './index.ts'

const files: Readonly<Record<string, string>> = {
  './willkommen.html': '<p>Hallo {{ user.givenName }}</p>',
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

const languages = {
  de: { subject: 'Willkommen, {{ user.givenName }}', html_file: './willkommen.html' },
  'pt-br': { subject: 'Bem-vindo', text: 'Olá' },
}

const connect = (options: object, server = 'smtp://localhost') =>
  connectPlugin(email, { server, from: 'Acme <hello@acme.com>', ...options }, services)

const previewOf = async (options: object, locale: string | null, requestLanguage: string | null = null) => {
  const event = sampleEvent({ user: { locale }, context: { requestLanguage } })
  const preview = await (await connect(options)).preview?.(event, testRun())
  return { title: preview?.title, mail: await simpleParser(preview?.body ?? '') }
}

const own = { subject: 'Hi', text: 'Hi {{ user.givenName }}', default_language: 'en', languages }

describe('a message in several languages', () => {
  test.each([
    ['de-AT', 'de', 'Willkommen, Ada', 'Hallo Ada'],
    ['pt_BR', 'pt-BR', 'Bem-vindo', 'Olá'],
    ['pt', 'en', 'Hi', 'Hi Ada'],
    ['fr', 'en', 'Hi', 'Hi Ada'],
    [null, 'en', 'Hi', 'Hi Ada'],
  ])('for a user of %s is in %s, and says so', async (locale, language, subject, text) => {
    const { title, mail } = await previewOf(own, locale)
    expect(title).toBe(`e-mail in ${language} to user1@foo.com: ${subject}`)
    expect(mail.headers.get('content-language')).toBe(language)
    expect(mail.subject).toBe(subject)
    expect(mail.text?.trim()).toBe(text)
  })

  test('is in the default language for those who rank it above another', async () => {
    const { title } = await previewOf(own, null, 'en-GB, de;q=0.5')
    expect(title).toContain('in en ')
  })

  test('has a default that may be the built-in one', async () => {
    const { mail } = await previewOf({ default_language: 'en', languages }, 'fr')
    expect(mail.subject).toBe('Welcome to Acme, Ada')
  })

  test('is checked as a whole at the start: a file that is not there, a template that cannot be', async () => {
    const wrong = (version: object) => connect({ ...own, languages: { de: { subject: 'x', ...version } } })
    await expect(wrong({ html_file: './nowhere.html' })).rejects.toMatchObject({ code: 'file_unreadable' })
    await expect(wrong({ text: '{{ user.emial }}' })).rejects.toMatchObject({ code: 'template_invalid' })
  })

  test('is told by check', async () => {
    await using server = await scriptedServer({})
    const findings = await (await connect(own, server.url)).check?.(testRun())
    expect(findings?.[0]).toEqual({
      state: 'proved',
      what: 'the message is there in en (for all others), de, pt-BR',
    })
  })
})

describe('a message in one language', () => {
  test('names it where it is known: the built-in one, and one that says it', async () => {
    expect((await previewOf({}, null)).mail.headers.get('content-language')).toBe('en')
    const said = await previewOf({ text: 'Hallo', default_language: 'de' }, null)
    expect(said.mail.headers.get('content-language')).toBe('de')
    const unsaid = await previewOf({ text: 'Hallo' }, null)
    expect(unsaid.mail.headers.has('content-language')).toBe(false)
    const half = await previewOf({ subject: 'Hallo' }, null)
    expect(half.mail.headers.has('content-language')).toBe(false)
  })

  test('has no language in the title of its preview', async () => {
    expect((await previewOf({}, null)).title).toBe('e-mail to user1@foo.com: Welcome to Acme, Ada')
  })
})

describe('a message that people may opt out of', () => {
  const unsubscribe = { url: 'https://acme.com/u?a=1&user={{ user.id }}', mailto: 'unsubscribe@acme.com' }
  const address = 'https://acme.com/u?a=1&user=auth0%7C5f7c8ec7c33c6c004bbafe82'

  test('has the headers of one click, unfolded and whole', async () => {
    const long = { url: `https://acme.com/u?token=${'x'.repeat(400)}&user={{ user.id }}` }
    const preview = await (await connect({ unsubscribe: long })).preview?.(sampleEvent(), testRun())
    const head = (preview?.body ?? '').split('\r\n\r\n')[0] ?? ''
    expect(head).toMatch(/^List-Unsubscribe: <https:\/\/acme\.com\/u\?token=x{400}&user=auth0%7C\w+>\r$/m)
    expect(head).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m)
    expect(head.match(/^List-Unsubscribe:/gm)).toHaveLength(1)
    expect(head).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    expect(head).not.toMatch(/^Precedence:/m)
  })

  test('has a link to it in the default message, in both parts', async () => {
    const { mail } = await previewOf({ unsubscribe }, null)
    expect(mail.text).toContain(`Unsubscribe: ${address}`)
    expect(mail.html).toContain(`href="${address.replace('&', '&amp;')}"`)
  })

  test('has no trace of it without', async () => {
    const { mail } = await previewOf({}, null)
    expect(mail.headers.has('list')).toBe(false)
    expect(`${mail.text}${mail.html}`).not.toMatch(/unsubscribe/i)
  })
})
