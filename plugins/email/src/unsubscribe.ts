import { rejected, type Failure, type RegistrationEvent, type Templates } from '@onsignup/core'
import type { UnsubscribeOptions } from './options.ts'

/** How one user unsubscribes. */
export interface Leave {
  /** What a person may open: the https address, else the mailto one. */
  readonly href: string
  /** Folded already: a line for each way, since readers differ over an address that begins on the second line. */
  readonly headers: Readonly<Record<string, string>>
}

/** Writes it for an event. */
export type LeaveFor = (event: RegistrationEvent) => Leave | Failure

// RFC 5322, 2.1.1: no line is longer than 998, and an address cannot be folded.
const LONGEST = 900

const addressOf = (text: string): string | undefined => {
  const url = URL.parse(text)
  return url?.protocol === 'https:' && url.href.length <= LONGEST && !/[<>\s]/.test(url.href)
    ? url.href
    : undefined
}

const encodeValue = (value: string): string => encodeURIComponent(value.toWellFormed())

/** Compiles the templates; throws when one is wrong. */
export const createLeave = ({ url, mailto }: UnsubscribeOptions, templates: Templates): LeaveFor => {
  const address = url === undefined ? undefined : templates.text(url, encodeValue)
  const letter =
    mailto === undefined
      ? undefined
      : `mailto:${encodeURIComponent(mailto).replace('%40', '@')}?subject=unsubscribe`
  return (event) => {
    const web = address === undefined ? undefined : addressOf(address(event))
    if (address !== undefined && web === undefined) {
      return rejected(`"unsubscribe.url" came out as no https address of at most ${LONGEST} characters`, {
        code: 'unsubscribe_invalid',
        mend: 'correct the template; values are URL-encoded in it already',
      })
    }
    const ways = [web, letter].filter((way) => way !== undefined)
    return {
      href: ways[0] ?? '',
      headers: {
        'List-Unsubscribe': ways.map((way) => `<${way}>`).join(',\r\n '),
        // RFC 8058, 3.1; Gmail and Yahoo want it of marketing mail
        // (https://support.google.com/mail/answer/81126, https://senders.yahooinc.com/best-practices/).
        ...(web === undefined ? {} : { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
      },
    }
  }
}
