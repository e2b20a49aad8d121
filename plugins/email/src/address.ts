import { domainToASCII } from 'node:url'

/** One address that is safe in a header and in an SMTP command, or why it is not. */
export type CheckedAddress =
  | { readonly address: string; readonly domain: string; readonly problem?: never }
  | { readonly problem: string; readonly address?: never }

/** A sender: a name people see, and the address. */
export interface Mailbox {
  readonly name: string
  readonly address: string
  readonly domain: string
}

// RFC 5321, 4.5.3.1: longer ones may be refused or cut by any server on the way.
const LONGEST_LOCAL = 64
const LONGEST_ADDRESS = 254

const CONTROL = /[\p{Cc}\p{Cf}]/u
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
const LOCAL = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`)
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/** Whether a text is a domain in ASCII, or one label. */
export const isDomain = (text: string): boolean => text.split('.').every((label) => LABEL.test(label))

const no = (problem: string): CheckedAddress => ({ problem })

/**
 * Checks that a text is exactly one plain address. nodemailer's own parser must never see a user's value: it
 * delivers to both of `a@x, b@y`, and to what follows a line break.
 */
export const checkAddress = (given: string): CheckedAddress => {
  const text = given.trim()
  if (text === '') return no('it is empty')
  if (CONTROL.test(text)) return no('it holds a line break or another control character')
  if (/[,;]/.test(text)) return no('it holds more than one address')
  if (/[<>"()[\]\\:\s]/.test(text)) return no('it holds a space, a bracket, a quote or a comment')
  const at = text.indexOf('@')
  if (at === -1) return no('it has no @')
  if (text.includes('@', at + 1)) return no('it has more than one @')
  const local = text.slice(0, at)
  if (/[^\p{ASCII}]/u.test(local)) return no('the part before the @ is not ASCII, which many servers refuse')
  if (!LOCAL.test(local)) return no('the part before the @ is not one that mail allows')
  if (local.length > LONGEST_LOCAL) return no(`the part before the @ is longer than ${LONGEST_LOCAL}`)
  const domain = domainToASCII(text.slice(at + 1))
  if (!isDomain(domain)) {
    return no('the part after the @ is no domain')
  }
  const address = `${local}@${domain}`
  if (address.length > LONGEST_ADDRESS) return no(`it is longer than ${LONGEST_ADDRESS}`)
  return { address, domain }
}

/** Reads `Acme <hello@acme.com>`, `"Acme, Inc." <hello@acme.com>` or the bare address; a text says what is wrong. */
export const parseMailbox = (text: string): Mailbox | string => {
  const [, quoted, bare, inner] = /^\s*(?:"([^"\\]*)"|([^"<>]*))\s*<([^<>]*)>\s*$/.exec(text) ?? []
  const name = (quoted ?? bare ?? '').trim()
  if (CONTROL.test(name)) return 'the name holds a line break or another control character'
  const checked = checkAddress(inner ?? text)
  return checked.problem === undefined
    ? { name, address: checked.address, domain: checked.domain }
    : checked.problem
}
