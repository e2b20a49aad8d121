import { secretsOf } from '@onsignup/core/engine'
import { describe, expect, test } from 'vitest'
import { requiresTls } from './client.ts'
import { optionsSchema } from './options.ts'
import { nameOf, parseServer, type Server } from './server.ts'

const good = { server: 'smtp://smtp.acme.com:587', from: 'Acme <hello@acme.com>' }

const token = { token_url: 'https://login.acme.com/token', client_id: 'app', client_secret: 'x' }
const german = { subject: 'Willkommen', text: 'Hallo' }

const issues = (options: object): string[] =>
  (optionsSchema.safeParse({ ...good, ...options }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )

const server = (text: string): Server => {
  const parsed = parseServer(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

describe('the options', () => {
  test('a server and a sender are enough', () => {
    expect(optionsSchema.parse(good)).toEqual({ ...good, to: '{{ user.email }}', max_connections: 3 })
  })

  test('the password is a secret and is trimmed', () => {
    expect(optionsSchema.shape.password.meta()).toMatchObject({ writeOnly: true })
    expect(optionsSchema.parse({ ...good, user: 'u', password: ' a/#?b \n' }).password).toBe('a/#?b')
  })

  test('every secret is marked as one, also inside another option', () => {
    const options = {
      ...good,
      user: 'u',
      oauth: { ...token, client_secret: 'secret-1', refresh_token: 'secret-2' },
      dkim: { domain: 'acme.com', selector: 's1', private_key: 'secret-3' },
    }
    expect(secretsOf(optionsSchema, options)).toEqual(['secret-1', 'secret-2', 'secret-3'])
  })

  test.each([
    { user: 'u', oauth: token },
    { user: 'u', oauth: { ...token, client_secret: undefined, refresh_token: 'x' } },
    { user: 'u', oauth: { service_account_file: './a.json' } },
    { user: 'u', oauth: { ...token, token_url: 'http://localhost:8080/token' } },
    { server: 'smtp://127.0.0.1', user: 'u', password: 'x', tls: 'off' },
    { default_language: 'en', languages: { de: german, 'pt-BR': german } },
    { unsubscribe: { mailto: 'leave@acme.com' } },
  ])('%j is fine', (options) => {
    expect(issues(options)).toEqual([])
  })

  test('templates are marked, files are not', () => {
    const { properties } = optionsSchema.toJSONSchema({ io: 'input' })
    const marked = Object.entries(properties ?? {}).flatMap(([name, schema]) =>
      typeof schema === 'object' && schema['template'] === true ? [name] : [],
    )
    expect(marked).toEqual(['to', 'subject', 'text', 'html'])
  })

  test('every option is described', () => {
    const { properties } = optionsSchema.toJSONSchema({ io: 'input' })
    for (const [name, schema] of Object.entries(properties ?? {})) {
      expect(typeof schema === 'object' && schema.description, name).toMatch(/\.$/)
    }
  })

  test.each([
    [{ server: 'smtp://hello:secret@smtp.acme.com:587' }, 'server: ', 'user and password apart'],
    [{ server: 'smtp.acme.com:587' }, 'server: ', 'smtp://host:port'],
    [{ server: 'https://smtp.acme.com' }, 'server: ', 'smtp://host:port'],
    [{ server: 'smtp://smtp.acme.com/x' }, 'server: ', 'nothing may follow'],
    [{ server: 'smtp://smtp.acme.com:587?pool=true' }, 'server: ', 'nothing may follow'],
    [{ from: 'Acme' }, 'from: ', 'no @'],
    [{ reply_to: 'a@x.example, b@x.example' }, 'reply_to: ', 'more than one address'],
    [{ to: 'team@acme.com, boss@acme.com' }, 'to: ', 'more than one address'],
    [{ text: 'x', text_file: './x' }, 'text_file: ', 'not both'],
    [{ html: 'x', html_file: './x' }, 'html_file: ', 'not both'],
    [{ user: 'hello' }, 'user: ', 'needs a password'],
    [{ password: 'x' }, 'password: ', 'needs a user'],
    [{ user: 'u', password: 'a\nb' }, 'password: ', 'one line'],
    [{ server: 'smtps://smtp.acme.com', tls: 'off' }, 'tls: ', 'TLS from the first byte'],
    [{ subjekt: 'x' }, ': ', 'subjekt'],
    [{ user: 'u', password: 'x', tls: 'off' }, 'tls: ', 'readable'],
    [{ oauth: token }, 'user: ', 'the mailbox'],
    [{ user: 'u', password: 'x', oauth: token }, 'password: ', 'one way'],
    [{ user: 'u', oauth: { ...token, token_url: undefined } }, 'oauth.token_url: ', 'where tokens come from'],
    [{ user: 'u', oauth: { ...token, token_url: 'http://login.acme.com/' } }, 'oauth.token_url: ', 'https'],
    [{ user: 'u', oauth: { ...token, token_url: 'https://a:b@acme.com/' } }, 'oauth.token_url: ', 'no user'],
    [{ user: 'u', oauth: { ...token, client_id: undefined } }, 'oauth.client_id: ', 'client id'],
    [{ user: 'u', oauth: { ...token, client_secret: undefined } }, 'oauth.client_secret: ', 'refresh_token'],
    [
      { user: 'u', oauth: { token_url: token.token_url, service_account_file: './a' } },
      'oauth.token_url: ',
      'has all of it',
    ],
    [{ dkim: { domain: 'acme.com', selector: 's1' } }, 'dkim.private_key_file: ', 'the file'],
    [{ dkim: { domain: 'acme.com; x=', selector: 's1', private_key: 'x' } }, 'dkim.domain: ', 'a domain'],
    [{ dkim: { domain: 'acme.com', selector: 's_1', private_key: 'x' } }, 'dkim.selector: ', 'letters'],
    [
      { dkim: { domain: 'acme.com', selector: 's1', private_key: 'x', private_key_file: './x' } },
      'dkim.private_key: ',
      'leave it out',
    ],
    [{ unsubscribe: {} }, 'unsubscribe.url: ', 'mailto'],
    [{ unsubscribe: { url: 'http://acme.com/u' } }, 'unsubscribe.url: ', 'https'],
    [{ unsubscribe: { url: '{{ user.user_metadata.url }}' } }, 'unsubscribe.url: ', 'https'],
    [{ unsubscribe: { mailto: 'a@x.example, b@x.example' } }, 'unsubscribe.mailto: ', 'more than one'],
    [{ languages: { de: german } }, 'default_language: ', 'as en'],
    [{ default_language: 'Deutsch, bitte' }, 'default_language: ', 'a language tag'],
    [{ default_language: 'en', languages: { 'de,fr': german } }, 'languages.de,fr: ', 'no language tag'],
    [{ default_language: 'en', languages: { EN: german } }, 'languages.EN: ', 'same language as default'],
    [
      { default_language: 'en', languages: { de: german, DE: german } },
      'languages.DE: ',
      'same language as de',
    ],
    [{ default_language: 'en', languages: { de: { text: 'x' } } }, 'languages.de.subject: ', 'the subject'],
    [{ default_language: 'en', languages: { de: { subject: 'x' } } }, 'languages.de: ', 'has no message'],
    [
      { default_language: 'en', languages: { de: { ...german, text_file: './x' } } },
      'languages.de.text_file: ',
      'not both',
    ],
    [{ max_connections: 0 }, 'max_connections: ', '1'],
  ])('%j is a mistake', (options, path, message) => {
    const [issue, ...more] = issues(options)
    expect(more).toEqual([])
    expect(issue).toMatch(new RegExp(`^${path}`))
    expect(issue).toContain(message)
  })

  test('a mistake in the server never repeats the password in it', () => {
    const { error } = optionsSchema.safeParse({ ...good, server: 'smtp://hello:geheim1@smtp.acme.com' })
    expect(JSON.stringify(error?.issues)).not.toContain('geheim1')
  })
})

describe('the server', () => {
  test.each([
    ['smtp://smtp.acme.com', 'smtp.acme.com:587', false, false],
    ['smtp://smtp.acme.com:2525/', 'smtp.acme.com:2525', false, false],
    ['smtps://smtp.acme.com', 'smtp.acme.com:465', true, false],
    ['smtp://localhost:1025', 'localhost:1025', false, true],
    ['smtp://mail.localhost', 'mail.localhost:587', false, true],
    ['smtp://127.0.0.1:25', '127.0.0.1:25', false, true],
    ['smtp://[::1]:25', '[::1]:25', false, true],
    ['SMTP://Smtp.Acme.com:25', 'smtp.acme.com:25', false, false],
    ['smtp://bücher.example', 'xn--bcher-kva.example:587', false, false],
    ['smtp://127.0.0.1.evil.example', '127.0.0.1.evil.example:587', false, false],
  ])('%s is %s', (text, name, implicitTls, loopback) => {
    expect(nameOf(server(text))).toBe(name)
    expect(server(text)).toMatchObject({ implicitTls, loopback })
  })

  test.each(['smtp://', 'smtp://a b', 'smtp://a%zz', 'smtp://h:99999', 'smtp://h:0', ''])(
    'refuses %j',
    (text) => {
      expect(parseServer(text)).toBeTypeOf('string')
    },
  )

  test.each([
    ['smtp://smtp.acme.com', {}, true],
    ['smtp://smtp.acme.com', { tls: 'off' }, false],
    ['smtp://localhost', {}, false],
    ['smtp://localhost', { tls: 'required' }, true],
    ['smtps://localhost', {}, true],
  ])('%s with %j requires TLS: %s', (text, tls, required) => {
    expect(requiresTls(optionsSchema.parse({ ...good, server: text, ...tls }), server(text))).toBe(required)
  })
})
