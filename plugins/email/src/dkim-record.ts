import { Resolver } from 'node:dns/promises'
import type { Finding } from '@onsignup/core'
import type { Signer } from './dkim.ts'

/** Looks up the TXT records of a name, each in its parts; an unknown name is an error ENOTFOUND or ENODATA. */
export type LookUp = (name: string) => Promise<readonly (readonly string[])[]>

/** Asks the machine's own name servers, for ten seconds at most. */
export const lookUp: LookUp = (name) => new Resolver({ timeout: 5_000, tries: 2 }).resolveTxt(name)

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA')

/**
 * Whether receivers will find the key that signs. Never failed: mail is taken without, and a connector that is parked
 * for another reason must not wait for a name server.
 */
export const checkRecord = async ({ record, publicKey }: Signer, ask: LookUp): Promise<Finding> => {
  const mend = `make a TXT record for ${record}: v=DKIM1; k=rsa; p=${publicKey}`
  let texts: readonly string[]
  try {
    texts = (await ask(record)).map((parts) => parts.join('').replace(/\s/g, ''))
  } catch (error) {
    return isMissing(error)
      ? {
          state: 'unproved',
          what: `there is no DNS record ${record}: receivers cannot check signatures`,
          mend,
        }
      : { state: 'unproved', what: `the DNS record ${record} could not be looked up` }
  }
  return texts.some((text) => text.split(';').includes(`p=${publicKey}`))
    ? { state: 'proved', what: `the DNS record ${record} holds the key that signs` }
    : { state: 'unproved', what: `the DNS record ${record} holds another key than the one that signs`, mend }
}
