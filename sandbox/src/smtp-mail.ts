import { simpleParser } from 'mailparser'
import type { AddressObject } from 'mailparser'
import type { SMTPServerSession } from 'smtp-server'

export interface Mail {
  /** As the SMTP commands gave it. */
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  /** Lower-case names; several values when the header came several times. */
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly messageId: string | undefined
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string | undefined
  readonly html: string | undefined
  /** The whole message as received. */
  readonly raw: string
  /** Whether it came through TLS. */
  readonly secure: boolean
}

/** Reads a received message. */
export async function readMail(raw: Buffer, session: SMTPServerSession): Promise<Mail> {
  const parsed = await simpleParser(raw, {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
  })
  const { mailFrom, rcptTo } = session.envelope
  const headers: Record<string, string[]> = {}
  for (const { key, line } of parsed.headerLines) {
    const value = line.slice(line.indexOf(':') + 1)
    const unfolded = value.replace(/\r?\n(?=[ \t])/g, '').trim()
    headers[key] = [...(headers[key] ?? []), unfolded]
  }
  return {
    envelope: {
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
    },
    headers,
    messageId: parsed.messageId,
    from: addresses(parsed.from),
    to: addresses(parsed.to),
    subject: parsed.subject ?? '',
    text: parsed.text,
    html: parsed.html === false ? undefined : parsed.html,
    raw: raw.toString('utf8'),
    secure: session.secure,
  }
}

function addresses(header: AddressObject | readonly AddressObject[] | undefined): string {
  return [header ?? []]
    .flat()
    .map(({ text }) => text)
    .join(', ')
}
