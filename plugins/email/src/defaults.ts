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

// Colours for light are in style attributes, which every reader obeys; those for dark override them where a reader knows
// prefers-color-scheme, or marks what it shows dark as Outlook does (data-ogsc). Pictures there are none.
const STYLES = `:root{color-scheme:light dark;supported-color-schemes:light dark}
a{color:#1d4ed8}
@media (max-width:480px){.pad{padding:24px 20px !important}}
@media (prefers-color-scheme:dark){.page{background:#111827 !important}.card{background:#1f2937 !important;border-color:#374151 !important}.ink,.ink strong{color:#f3f4f6 !important}.quiet{color:#9ca3af !important}a{color:#93c5fd !important}}
[data-ogsc] .ink{color:#f3f4f6 !important}[data-ogsc] .quiet{color:#9ca3af !important}`

interface Card {
  readonly title: string
  /** What lists of messages show after the subject. */
  readonly preheader: string
  readonly body: string
  readonly footer: string
}

// Outlook for Windows knows no max-width: hence a table of fixed width that it alone sees.
const card = ({ title, preheader, body, footer }: Card): string => `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="x-apple-disable-message-reformatting">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${title}</title>
<style>
${STYLES}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6;-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${preheader}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f3f4f6">
<tr><td align="center" style="padding:24px 12px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<!--[if mso]><table role="presentation" width="560" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" class="card" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:560px;background:#ffffff;border:1px solid #e5e7eb;border-radius:8px">
<tr><td class="ink pad" align="left" style="padding:32px;font-size:16px;line-height:1.6;color:#1f2937;word-break:break-word">
<h1 class="ink" style="margin:0 0 16px;font-size:22px;line-height:1.3;color:#111827">${title}</h1>
${body}
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
<p class="quiet" style="max-width:560px;margin:16px auto 0;font-size:13px;line-height:1.5;color:#6b7280;text-align:center">${footer}</p>
</td></tr>
</table>
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
    html: card({
      title: `Welcome${toHtml}${hello}`,
      preheader: account,
      body: [
        paragraph('We are glad that you are here.'),
        `<p style="margin:0">${account.replace('{{ user.email }}', '<strong>{{ user.email }}</strong>')}</p>`,
      ].join('\n'),
      footer: `${ignore}${unsubscribe}`,
    }),
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
  `<tr><td class="quiet" style="padding:4px 16px 4px 0;color:#6b7280;white-space:nowrap;vertical-align:top">${label}</td>` +
  `<td style="padding:4px 0;word-break:break-word">${value}</td></tr>`

const facts = (line: (label: string, value: string) => string): string =>
  FACTS.map(([label, condition, value]) => `{% if ${condition} %}${line(label, value)}\n{% endif %}`).join('')

const who =
  '{{ user.email | default: user.name | default: user.phone | default: user.username | default: user.id | truncate: 120 }}'

/** The message to a fixed address, as a team's, that somebody signed up. */
export const notice: Sources = {
  subject: `New sign-up: ${who}`,
  text: `New sign-up\n\n${facts((label, value) => `${`${label}:`.padEnd(11)}${value}`)}`,
  html: card({
    title: 'New sign-up',
    preheader: who,
    body: `<table role="presentation" cellpadding="0" cellspacing="0" border="0" class="ink" style="font-size:15px;line-height:1.5;color:#1f2937">\n${facts(row)}</table>`,
    footer: 'Sent for every registration.',
  }),
}
