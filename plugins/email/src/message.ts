import { createHash } from 'node:crypto'
import {
  Failure,
  rejected,
  skipped,
  type Notice,
  type RegistrationEvent,
  type Services,
  type Skipped,
} from '@onsignup/core'
import { checkAddress, type Mailbox } from './address.ts'
import type { Signer } from './dkim.ts'
import { oneLine, plain } from './escape.ts'
import type { Options } from './options.ts'
import { createLeave } from './unsubscribe.ts'
import type { Versions, Words } from './versions.ts'

/** A message ready to send: what `preview` shows and what goes over the wire, byte for byte. */
export interface Letter {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly messageId: string
  /** Its language (BCP 47), where that is known. */
  readonly language: string | undefined
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

/** Who a message is from, and what every message of the connector carries. */
export interface Sender {
  readonly from: Mailbox
  readonly replyTo: Mailbox | undefined
  readonly signer: Signer | undefined
}

interface Content extends Words {
  readonly to: string
  /** More headers, in ASCII and folded. */
  readonly headers: Readonly<Record<string, string>>
}

const compile = async (
  { to, subject, text, html, language, headers }: Content,
  { from, replyTo }: Sender,
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
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(language !== undefined && { 'Content-Language': language }),
      ...Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, { prepared: true, value }]),
      ),
    },
    baseBoundary: id,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

/** What is due to both kinds of letter: an id by which receivers know a repeat, and the bytes. */
const letterOf = async (
  content: Content,
  sender: Sender,
  { key, date }: { readonly key: string; readonly date: string },
): Promise<Letter> => {
  const { to, language } = content
  const { from, signer } = sender
  const subject = shorten(oneLine(content.subject).trim())
  const id = identity(key, to)
  const plainRaw = await compile({ ...content, subject }, sender, id, date)
  const raw = signer === undefined ? plainRaw : await signer.sign(plainRaw)
  return { from: from.address, to, subject, language, messageId: `<${id}@${from.domain}>`, raw }
}

/** The letter that tells an operator; `now` in epoch milliseconds. */
export const composeNotice = (
  { title, text, faults }: Notice,
  to: string,
  sender: Sender,
  now: number,
): Promise<Letter> => {
  const key = JSON.stringify(faults.map(({ connector, since }) => [connector, since]))
  const words = { subject: title, text: plain(text), html: undefined, language: undefined }
  const own = { ...sender, replyTo: undefined }
  return letterOf({ ...words, to, headers: {} }, own, { key, date: new Date(now).toISOString() })
}

/** Makes the composer of a connector's messages; throws when a template is wrong. */
export const createComposer = (
  options: Options,
  versions: Versions,
  sender: Sender,
  { templates }: Services,
): Compose => {
  const recipientOf = templates.text(options.to, (value) => value)
  const leaveOf = options.unsubscribe && createLeave(options.unsubscribe, templates)
  return async (event, key) => {
    const to = recipientOf(event).trim()
    if (to === '') {
      return skipped(
        event.user.email === null ? 'the user has no e-mail address' : '"to" came out empty for this user',
      )
    }
    const recipient = checkAddress(to)
    if (recipient.problem !== undefined) {
      return rejected(`the recipient is not one plain e-mail address: ${recipient.problem}`, {
        code: 'address_invalid',
        mend: 'nothing was sent; correct the address of the user, or the template in "to"',
      })
    }
    const leave = leaveOf?.(event)
    if (Failure.is(leave)) return leave
    const words = versions.write(event, leave?.href)
    const content = { ...words, to: recipient.address, headers: leave?.headers ?? {} }
    const letter = await letterOf(content, sender, { key, date: event.receivedAt })
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
