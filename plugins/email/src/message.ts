import { createHash } from 'node:crypto'
import {
  rejected,
  skipped,
  type Failure,
  type Notice,
  type RegistrationEvent,
  type Services,
  type Skipped,
} from '@onsignup/core'
import { checkAddress, type Mailbox } from './address.ts'
import { notice, welcome } from './defaults.ts'
import { html as escapeHtml, oneLine, plain } from './escape.ts'
import type { Options } from './options.ts'
import { plainText } from './plain-text.ts'

/** A message ready to send: what `preview` shows and what goes over the wire, byte for byte. */
export interface Letter {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly messageId: string
  /** The RFC 5322 message. */
  readonly raw: Buffer
}

/** Makes the message for an event; the key decides its Message-ID. */
export type Compose = (event: RegistrationEvent, key: string) => Promise<Letter | Skipped | Failure>

// Servers may cut a longer one.
const LONGEST_SUBJECT = 250
const LARGEST = 1_000_000

const shorten = (text: string): string => {
  const points = [...text]
  return points.length > LONGEST_SUBJECT ? `${points.slice(0, LONGEST_SUBJECT - 1).join('')}…` : text
}

// The same on every attempt: many receivers drop a second message with an id that they have.
const identity = (key: string, address: string): string =>
  createHash('sha256').update(`${key}|${address}`).digest('hex').slice(0, 32)

type Render = (event: RegistrationEvent) => string

interface Parts {
  readonly to: Render
  readonly subject: Render
  readonly text: Render | undefined
  readonly html: Render | undefined
}

const compileParts = async (
  options: Options,
  from: Mailbox,
  { templates, files }: Services,
): Promise<Parts> => {
  const read = (path: string | undefined) => (path === undefined ? undefined : files.read(path))
  const text = options.text ?? (await read(options.text_file))
  const html = options.html ?? (await read(options.html_file))
  const fallback = /\{\{|\{%/.test(options.to) ? welcome(from.name) : notice
  const own = text !== undefined || html !== undefined
  const compile = (source: string | undefined, escape: (value: string) => string) =>
    source === undefined ? undefined : templates.text(source, escape)
  return {
    to: templates.text(options.to, (value) => value),
    subject: templates.text(options.subject ?? fallback.subject, oneLine),
    text: compile(own ? text : fallback.text, plain),
    html: compile(own ? html : fallback.html, escapeHtml),
  }
}

interface Rendered {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string | undefined
}

const render = (parts: Parts, event: RegistrationEvent): Rendered => {
  const html = parts.html?.(event)
  return {
    to: parts.to(event).trim(),
    subject: shorten(oneLine(parts.subject(event)).trim()),
    text: parts.text?.(event) ?? plainText(html ?? ''),
    html,
  }
}

const compile = async (
  { to, subject, text, html }: Rendered,
  from: Mailbox,
  replyTo: Mailbox | undefined,
  id: string,
  date: string,
): Promise<Buffer> => {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer')
  const composer = new MailComposer({
    from: { name: from.name, address: from.address },
    // The name that somebody gave at a sign-up stays out of the headers: it may be anybody's words.
    to: { name: '', address: to },
    ...(replyTo && { replyTo: { name: replyTo.name, address: replyTo.address } }),
    subject,
    messageId: `<${id}@${from.domain}>`,
    date: new Date(date),
    text,
    ...(html !== undefined && { html }),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    baseBoundary: id,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

/** What is due to both kinds of letter: an id by which receivers know a repeat, and the bytes. */
const letterOf = async (
  rendered: Rendered,
  from: Mailbox,
  replyTo: Mailbox | undefined,
  { key, date }: { readonly key: string; readonly date: string },
): Promise<Letter> => {
  const { to, subject } = rendered
  const id = identity(key, to)
  const raw = await compile(rendered, from, replyTo, id, date)
  return { from: from.address, to, subject, messageId: `<${id}@${from.domain}>`, raw }
}

/** The letter that tells an operator; `now` in epoch milliseconds. */
export const composeNotice = (
  { title, text, faults }: Notice,
  to: string,
  from: Mailbox,
  now: number,
): Promise<Letter> => {
  const key = JSON.stringify(faults.map(({ connector, since }) => [connector, since]))
  const words = { to, subject: shorten(oneLine(title)), text: plain(text), html: undefined }
  return letterOf(words, from, undefined, { key, date: new Date(now).toISOString() })
}

/** Reads the files and compiles the templates of the options; throws when one of them is wrong. */
export const createComposer = async (
  options: Options,
  from: Mailbox,
  replyTo: Mailbox | undefined,
  services: Services,
): Promise<Compose> => {
  const parts = await compileParts(options, from, services)
  return async (event, key) => {
    const rendered = render(parts, event)
    if (rendered.to === '') {
      return skipped(
        event.user.email === null ? 'the user has no e-mail address' : '"to" came out empty for this user',
      )
    }
    const recipient = checkAddress(rendered.to)
    if (recipient.problem !== undefined) {
      return rejected(`the recipient is not one plain e-mail address: ${recipient.problem}`, {
        code: 'address_invalid',
        mend: 'nothing was sent; correct the address of the user, or the template in "to"',
      })
    }
    const letter = await letterOf({ ...rendered, to: recipient.address }, from, replyTo, {
      key,
      date: event.receivedAt,
    })
    const { raw } = letter
    if (raw.length > LARGEST) {
      return rejected(`the message has ${raw.length} bytes, more than the ${LARGEST} that may be sent`, {
        code: 'message_too_large',
        mend: 'shorten the template',
      })
    }
    return letter
  }
}
