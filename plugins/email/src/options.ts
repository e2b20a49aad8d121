import { z } from 'zod'
import { checkAddress, parseMailbox } from './address.ts'
import { parseServer } from './server.ts'

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

/** The options of the e-mail plugin. */
export const optionsSchema = z
  .strictObject({
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
    html_file: file('A file that holds the HTML, in place of html.', './welcome.html'),
  })
  .check(({ value, issues }) => {
    const wrong = (path: string, message: string) => {
      issues.push({ code: 'custom', input: '', path: [path], message })
    }
    if (value.text !== undefined && value.text_file !== undefined)
      wrong('text_file', 'write text or text_file, not both')
    if (value.html !== undefined && value.html_file !== undefined)
      wrong('html_file', 'write html or html_file, not both')
    if (value.user !== undefined && value.password === undefined)
      wrong('user', 'a user needs a password beside it')
    if (value.password !== undefined && value.user === undefined)
      wrong('password', 'a password needs a user beside it')
    if (value.tls === 'off' && value.server.startsWith('smtps:')) {
      wrong('tls', 'smtps:// is TLS from the first byte: leave tls out, or write smtp://')
    }
    const fixed = /\{\{|\{%/.test(value.to) ? undefined : checkAddress(value.to).problem
    if (fixed !== undefined) wrong('to', `${fixed}; write one address, or a template as {{ user.email }}`)
  })

/** The options as `connect` gets them. */
export type Options = z.output<typeof optionsSchema>
