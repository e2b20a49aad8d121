import { html as escapeHtml } from './escape.ts'

/** The Liquid sources of a message. */
export interface Sources {
  readonly subject: string
  readonly text: string
  readonly html: string
}

// Somebody who signs others up with a link for a name would make the welcome carry their link, so that a name
// which reads as one is left out. Liquid has no brackets: hence one condition inside the other.
const named = (text: string): string =>
  '{% if user.givenName %}' +
  '{% unless user.givenName contains "." or user.givenName contains "/" or user.givenName contains ":" ' +
  `or user.givenName contains "@" %}${text}{% endunless %}{% endif %}`

const givenName = '{{ user.givenName | strip | truncate: 40 }}'

const card = (title: string, body: string, footer: string): string => `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${title}</title>
</head>
<body style="margin:0;padding:24px 12px;background:#f3f4f6;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#1f2937">
<table role="presentation" align="center" cellpadding="0" cellspacing="0" style="width:100%;max-width:560px;margin:0 auto;background:#ffffff;border:1px solid #e5e7eb;border-radius:8px">
<tr><td style="padding:32px;font-size:16px;line-height:1.6">
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3;color:#111827">${title}</h1>
${body}
</td></tr>
</table>
<p style="max-width:560px;margin:16px auto 0;font-size:13px;line-height:1.5;color:#6b7280;text-align:center">${footer}</p>
</body>
</html>
`

const paragraph = (text: string): string => `<p style="margin:0 0 16px">${text}</p>`

/** The message to the person who signed up; `brand` is the sender's name, or nothing, `unsubscribe` the place for a link. */
export const welcome = (brand: string, unsubscribe: string): Sources => {
  // The name goes into a template, where braces would be code.
  const name = /[{}]/.test(brand) ? '' : brand
  const to = name === '' ? '' : ` to ${name}`
  const toHtml = escapeHtml(to)
  const account =
    '{% if user.email %}Your account is {{ user.email }}.{% else %}Your account is ready.{% endif %}'
  const ignore = 'If it was not you who signed up, you can ignore this message.'
  const hello = named(`, ${givenName}`)
  return {
    subject: `Welcome${to}${hello}`,
    text: `Welcome${to}${hello}

We are glad that you are here.

${account}

${ignore}
${name === '' ? '' : `\n-- \n${name}\n`}`,
    html: card(
      `Welcome${toHtml}${hello}`,
      [
        paragraph('We are glad that you are here.'),
        paragraph(account.replace('{{ user.email }}', '<strong>{{ user.email }}</strong>')),
      ].join('\n'),
      `${ignore}${unsubscribe}`,
    ),
  }
}

const FACTS: readonly (readonly [label: string, condition: string, value: string])[] = [
  ['Name', 'user.name', '{{ user.name | truncate: 200 }}'],
  [
    'E-mail',
    'user.email',
    '{{ user.email }}{% if user.emailVerified == true %} (verified){% elsif user.emailVerified == false %} (not verified){% endif %}',
  ],
  ['Phone', 'user.phone', '{{ user.phone }}'],
  ['Username', 'user.username', '{{ user.username }}'],
  ['Through', 'context.connection.name', '{{ context.connection.name }}'],
  ['Tenant', 'user.tenant', '{{ user.tenant }}'],
  ['User id', 'user.id', '{{ user.id }}'],
  ['Signed up', 'occurredAt', '{{ occurredAt }}'],
]

const row = (label: string, value: string): string =>
  `<tr><td style="padding:4px 16px 4px 0;color:#6b7280;white-space:nowrap;vertical-align:top">${label}</td>` +
  `<td style="padding:4px 0;word-break:break-word">${value}</td></tr>`

const facts = (line: (label: string, value: string) => string): string =>
  FACTS.map(([label, condition, value]) => `{% if ${condition} %}${line(label, value)}\n{% endif %}`).join('')

const who =
  '{{ user.email | default: user.name | default: user.phone | default: user.username | default: user.id | truncate: 120 }}'

/** The message to a fixed address, as a team's, that somebody signed up. */
export const notice: Sources = {
  subject: `New sign-up: ${who}`,
  text: `New sign-up\n\n${facts((label, value) => `${`${label}:`.padEnd(11)}${value}`)}`,
  html: card(
    'New sign-up',
    `<table role="presentation" cellpadding="0" cellspacing="0" style="font-size:15px;line-height:1.5">\n${facts(row)}</table>`,
    'Sent for every registration.',
  ),
}
