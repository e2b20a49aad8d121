import { describe, expect, test } from 'vitest'
import { requiresTls } from './client.ts'
import { optionsSchema } from './options.ts'
import { nameOf, parseServer, type Server } from './server.ts'

const good = { server: 'smtp://smtp.acme.com:587', from: 'Acme <hello@acme.com>' }

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
    expect(optionsSchema.parse(good)).toEqual({ ...good, to: '{{ user.email }}' })
  })

  test('the password is a secret and is trimmed', () => {
    expect(optionsSchema.shape.password.meta()).toMatchObject({ writeOnly: true })
    expect(optionsSchema.parse({ ...good, user: 'u', password: ' a/#?b \n' }).password).toBe('a/#?b')
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
