import { z } from 'zod'
import { checkAddress, isDomain, parseMailbox } from './address.ts'
import { canonicalLanguage } from './language.ts'
import { isLoopback, parseServer } from './server.ts'

const says = (problem: (text: string) => string | undefined) => (payload: z.core.ParsePayload<string>) => {
  const message = problem(payload.value)
  if (message !== undefined) payload.issues.push({ code: 'custom', input: '', message })
}

const mailbox = says((text) => {
  const parsed = parseMailbox(text)
  return typeof parsed === 'string' ? `${parsed}; write hello@acme.com or "Acme <hello@acme.com>"` : undefined
})

const template = (description: string, example: string) =>
  z
    .string()
    .optional()
    .meta({ description, template: true, examples: [example] })

const file = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .optional()
    .meta({ description, examples: [example] })

const secretLine = (description: string) =>
  z
    .string()
    .trim()
    .min(1)
    .regex(/^[^\r\n\0]*$/, 'it is one line')
    .optional()
    .meta({ description, writeOnly: true })

/** The keys of a version of the message, shared by the message itself and those of `languages`. */
const versionShape = {
  subject: template(
    'The subject. Default: a welcome, or a notice when it goes to a fixed address.',
    "Welcome, {{ user.givenName | default: 'there' }}",
  ),
  text: template(
    'The message as plain text. Default: made from the HTML; a default message when there is neither.',
    'Hello {{ user.givenName }}, welcome!',
  ),
  text_file: file('A file that holds the text, in place of text.', './welcome.txt'),
  html: template('The message as HTML; values are escaped.', '<p>Hello {{ user.givenName }}, welcome!</p>'),
  html_file: file(
    'A file that holds the HTML, in place of html; MJML when its name ends in .mjml.',
    './welcome.html',
  ),
}

const tokenUrlProblem = (text: string): string | undefined => {
  const url = URL.parse(text)
  if (url === null) return 'write the address of the token endpoint, as https://oauth2.googleapis.com/token'
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return 'write https: the client secret goes there'
  }
  return url.username === '' && url.password === '' ? undefined : 'write no user and password into it'
}

const oauth = z.strictObject({
  token_url: z
    .string()
    .check(says(tokenUrlProblem))
    .optional()
    .meta({
      description: 'Where tokens come from. Needed unless there is a service_account_file, which names it.',
      examples: ['https://oauth2.googleapis.com/token'],
    }),
  client_id: z.string().min(1).optional().meta({ description: "The app's client id." }),
  client_secret: secretLine("The app's client secret."),
  refresh_token: secretLine(
    'A token that the user of the mailbox granted once. Without one: the client credentials flow, as Microsoft 365 has it for apps.',
  ),
  scope: z.string().min(1).optional().meta({
    description:
      'The scope to ask for. Default: https://outlook.office365.com/.default for client credentials, https://mail.google.com/ for a service account, else none.',
  }),
  service_account_file: file(
    'The JSON key of a Google service account that may act for `user`, in place of all of the above.',
    './service-account.json',
  ),
})

const dkim = z.strictObject({
  domain: z
    .string()
    .refine(isDomain, { error: 'write a domain, as acme.com' })
    .meta({
      description: 'The domain that signs, as in `from`.',
      examples: ['acme.com'],
    }),
  selector: z
    .string()
    .refine(isDomain, { error: 'write letters, digits and -, as s1' })
    .meta({
      description: 'The key to look up: its DNS record is SELECTOR._domainkey.DOMAIN.',
      examples: ['s1'],
    }),
  private_key_file: file('The private key (RSA, PEM); relative to the YAML.', './dkim.key'),
  private_key: z
    .string()
    .trim()
    .min(1)
    .optional()
    .meta({ description: 'The key itself, in place of its file.', writeOnly: true }),
})

const unsubscribe = z.strictObject({
  url: z
    .string()
    .regex(/^https:\/\/[^{}]/, 'write an https address: one click takes no other (RFC 8058)')
    .optional()
    .meta({
      description:
        'What mail programs POST to when the user unsubscribes with one click; values are URL-encoded.',
      template: true,
      examples: ['https://acme.com/unsubscribe?user={{ user.id }}'],
    }),
  mailto: z
    .string()
    .check(says((text) => checkAddress(text).problem))
    .optional()
    .meta({
      description: 'An address that unsubscribes whoever writes to it.',
      examples: ['unsubscribe@acme.com'],
    }),
})

const languageProblem = (tag: string): string | undefined =>
  canonicalLanguage(tag) === undefined ? 'write a language tag, as de or pt-BR' : undefined

const optionsShape = z.strictObject({
  server: z
    .string()
    .check(says((text) => [parseServer(text)].find((parsed) => typeof parsed === 'string')))
    .meta({
      description:
        'The SMTP server: smtp://host:587, or smtps://host:465 for TLS at once. No credentials in it.',
      examples: ['smtp://smtp.acme.com:587', 'smtps://smtp.acme.com:465'],
    }),
  user: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The user to log in as; leave it out for a server that asks for none.' }),
  password: z
    .string()
    .trim()
    .min(1)
    .regex(/^[^\r\n\0]*$/, 'a password is one line')
    .optional()
    .meta({ description: "The user's password.", writeOnly: true }),
  oauth: oauth.optional().meta({
    description: 'Logs in with a token (XOAUTH2) in place of the password, as Google and Microsoft want it.',
  }),
  tls: z.enum(['required', 'off']).optional().meta({
    description:
      'Whether the connection must be encrypted. Default: required; off when the server is on this machine. With off, STARTTLS is used where the server offers it.',
  }),
  from: z
    .string()
    .check(mailbox)
    .meta({ description: 'Who it is from.', examples: ['Acme <hello@acme.com>', 'hello@acme.com'] }),
  reply_to: z
    .string()
    .check(mailbox)
    .optional()
    .meta({ description: 'Where answers go. Default: to the sender.', examples: ['support@acme.com'] }),
  to: z
    .string()
    .default('{{ user.email }}')
    .meta({
      description: 'Who it goes to: one address. Default: the user who signed up.',
      template: true,
      examples: ['{{ user.email }}', 'team@acme.com'],
    }),
  alerts_to: z
    .string()
    .check(says((text) => checkAddress(text).problem))
    .optional()
    .meta({
      description: 'Who is told when `alerts:` names this connector: one address.',
      examples: ['ops@acme.com'],
    }),
  ...versionShape,
  default_language: z
    .string()
    .check(says(languageProblem))
    .optional()
    .meta({
      description: 'The language of the message above; needed with `languages`.',
      examples: ['en'],
    }),
  languages: z
    .record(z.string(), z.strictObject(versionShape))
    .optional()
    .meta({
      description:
        'The message in other languages, by their tags: the one that fits user.locale, or the language of the sign-up request, is sent.',
      examples: [{ de: { subject: 'Willkommen', html_file: './welcome.de.html' } }],
    }),
  unsubscribe: unsubscribe
    .optional()
    .meta({ description: 'For a message that people may opt out of, as marketing: how they do.' }),
  dkim: dkim.optional().meta({
    description: 'Signs every message with DKIM. Leave it out where the server signs.',
  }),
  max_connections: z.int().min(1).max(50).default(3).meta({
    description: 'How many connections to the server at most; raise `concurrency` of the connector with it.',
  }),
})

/** The options as `connect` gets them. */
export type Options = z.output<typeof optionsShape>

/** How to log in with a token. */
export type OauthOptions = z.output<typeof oauth>

/** How to sign. */
export type DkimOptions = z.output<typeof dkim>

/** How people opt out. */
export type UnsubscribeOptions = z.output<typeof unsubscribe>

/** One version of the message, as the options give it. */
export type VersionOptions = z.output<z.ZodObject<typeof versionShape>>

type Problem = readonly [path: readonly string[], message: string]

const bothOf = (version: VersionOptions, path: readonly string[]): Problem[] =>
  (['text', 'html'] as const)
    .filter((name) => version[name] !== undefined && version[`${name}_file`] !== undefined)
    .map((name) => [[...path, `${name}_file`], `write ${name} or ${name}_file, not both`])

const credentialProblems = ({ server, user, password, tls, oauth: token }: Options): Problem[] => {
  const found: Problem[] = []
  const parsed = parseServer(server)
  if (user !== undefined && password === undefined && token === undefined)
    found.push([['user'], 'a user needs a password beside it, or oauth'])
  if (password !== undefined && user === undefined)
    found.push([['password'], 'a password needs a user beside it'])
  if (token !== undefined && user === undefined)
    found.push([['user'], 'write the mailbox that the token is for, as hello@acme.com'])
  if (token !== undefined && password !== undefined)
    found.push([['password'], 'leave it out, or oauth: one way to log in'])
  if (tls === 'off' && server.startsWith('smtps:')) {
    found.push([['tls'], 'smtps:// is TLS from the first byte: leave tls out, or write smtp://'])
  } else if (tls === 'off' && user !== undefined && typeof parsed !== 'string' && !parsed.loopback) {
    found.push([['tls'], 'leave it out: with off, what logs in could go over the network readable'])
  }
  return found
}

const oauthProblems = (options: OauthOptions): Problem[] => {
  const found: Problem[] = []
  const { service_account_file: account, token_url, client_id, client_secret, refresh_token } = options
  if (account !== undefined) {
    for (const name of ['token_url', 'client_id', 'client_secret', 'refresh_token'] as const) {
      if (options[name] !== undefined) {
        found.push([['oauth', name], 'leave it out: service_account_file has all of it'])
      }
    }
    return found
  }
  if (token_url === undefined)
    found.push([
      ['oauth', 'token_url'],
      'write where tokens come from, as https://oauth2.googleapis.com/token',
    ])
  if (client_id === undefined) found.push([['oauth', 'client_id'], "write the app's client id"])
  if (client_secret === undefined && refresh_token === undefined)
    found.push([['oauth', 'client_secret'], 'write it, with refresh_token where a user granted one'])
  return found
}

const languageProblems = ({ languages, default_language }: Options): Problem[] => {
  if (languages === undefined) return []
  const found: Problem[] = []
  const seen = new Map<string, string>()
  if (default_language === undefined) {
    found.push([['default_language'], 'write the language of the message that all others get, as en'])
  } else {
    seen.set(canonicalLanguage(default_language) ?? default_language, 'default_language')
  }
  for (const [tag, version] of Object.entries(languages)) {
    const path = ['languages', tag]
    const language = canonicalLanguage(tag)
    if (language === undefined) {
      found.push([path, 'is no language tag; write one as de or pt-BR'])
      continue
    }
    const before = seen.get(language)
    if (before !== undefined) found.push([path, `is the same language as ${before}`])
    seen.set(language, tag)
    if (version.subject === undefined)
      found.push([[...path, 'subject'], 'write the subject in this language'])
    const isEmpty = [version.text, version.text_file, version.html, version.html_file].every(
      (part) => part === undefined,
    )
    if (isEmpty) found.push([path, 'has no message: write text, html, text_file or html_file'])
    found.push(...bothOf(version, path))
  }
  return found
}

const problemsOf = (shape: Options): readonly Problem[] => {
  const found = [...bothOf(shape, []), ...credentialProblems(shape), ...languageProblems(shape)]
  if (shape.oauth !== undefined) found.push(...oauthProblems(shape.oauth))
  const { dkim: signing, unsubscribe: leaving, to } = shape
  if (signing !== undefined) {
    const keys = [signing.private_key, signing.private_key_file].filter((key) => key !== undefined).length
    if (keys === 0) found.push([['dkim', 'private_key_file'], 'write the file of the key that signs'])
    if (keys === 2) found.push([['dkim', 'private_key'], 'leave it out, or private_key_file'])
  }
  if (leaving !== undefined && leaving.url === undefined && leaving.mailto === undefined)
    found.push([['unsubscribe', 'url'], 'write where to unsubscribe: url, mailto, or both'])
  const fixed = /\{\{|\{%/.test(to) ? undefined : checkAddress(to).problem
  if (fixed !== undefined)
    found.push([['to'], `${fixed}; write one address, or a template as {{ user.email }}`])
  return found
}

/** The options of the e-mail plugin. */
export const optionsSchema = optionsShape.check(({ value, issues }) => {
  for (const [path, message] of problemsOf(value)) {
    issues.push({ code: 'custom', input: '', path: [...path], message })
  }
})
