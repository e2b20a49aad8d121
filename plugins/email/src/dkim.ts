import { createPublicKey } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { Files } from '@onsignup/core'
import type { DkimOptions } from './options.ts'
import { rsaKey } from './pem.ts'

/** Signs messages. */
export interface Signer {
  /** The message with its signature in front. */
  sign(raw: Buffer): Promise<Buffer>
  /** Where receivers look for the public key. */
  readonly record: string
  /** The public key as the record's `p=` has it. */
  readonly publicKey: string
}

// RFC 8301, 3.2: verifiers take no shorter ones.
const SHORTEST = 1_024

// RFC 6376, 5.4.1, and RFC 8058, 4: both headers of unsubscribing must be signed, which nodemailer's own list leaves out.
const FIELDS = [
  'From',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'To',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Content-Language',
  'Auto-Submitted',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
].join(':')

/** Reads and proves the key. Throws an Error that names the option. */
export const createSigner = async (
  { domain, selector, private_key: given, private_key_file: file }: DkimOptions,
  files: Files,
): Promise<Signer> => {
  const option = given === undefined ? `dkim.private_key_file ${file}` : 'dkim.private_key'
  const privateKey = rsaKey(given ?? (file === undefined ? '' : await files.read(file)), option)
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < SHORTEST) {
    throw new Error(`${option} holds a key of ${bits} bits, which receivers ignore: make one of 2048`)
  }
  return {
    record: `${selector}._domainkey.${domain}`,
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64'),
    async sign(raw) {
      const { default: DKIM } = await import('nodemailer/lib/dkim')
      const dkim = new DKIM({
        domainName: domain,
        keySelector: selector,
        privateKey,
        headerFieldNames: FIELDS,
      })
      const signed = await buffer(dkim.sign(raw))
      // nodemailer hands a message on unsigned when it cannot sign it.
      if (signed.subarray(0, 15).toString().toLowerCase() === 'dkim-signature:') return signed
      throw new Error('the message could not be signed')
    },
  }
}
