import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import type { Clock, Files } from '@onsignup/core'
import type { Options } from './options.ts'

/** How a session is asked for. */
export interface Grant {
  /** The form's members beside client_id and client_secret; anew each time, since an assertion ages. */
  readonly params: () => { readonly grant_type: string; readonly [name: string]: string }
  /** What must never be shown. */
  readonly secrets: readonly string[]
}

/** Seconds; Salesforce takes at most 5 minutes, and clocks differ. */
const LIFETIME = 180

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm (2026-11)
const assertionOf = (
  { client_id: iss, username: sub, audience: aud }: Options,
  key: KeyObject,
  now: number,
): string => {
  const claims = { iss, sub, aud, exp: Math.floor(now / 1_000) + LIFETIME }
  const signed = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(claims)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`
}

const keyOf = (pem: string, from: string): KeyObject => {
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw new Error(`${from} holds a key that is encrypted: write one without a passphrase`)
  }
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    // What Node says may hold a part of the key.
    throw new Error(`${from} holds no private key: write one in PEM, as openssl genrsa makes it`)
  }
  if (key.asymmetricKeyType === 'rsa') return key
  throw new Error(`${from} holds a key of type ${key.asymmetricKeyType}: Salesforce takes RSA keys`)
}

const jwtBearer = async (
  options: Options,
  { files, clock }: { readonly files: Files; readonly clock: Clock },
): Promise<Grant> => {
  const { private_key: given, private_key_file: file } = options
  const pem = given ?? (file === undefined ? '' : await files.read(file))
  const key = keyOf(pem, given === undefined ? `private_key_file ${file}` : 'private_key')
  return {
    params: () => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: assertionOf(options, key, clock.now()),
    }),
    secrets: [pem],
  }
}

/** What the options say; reads the private key. Throws an Error that names the option. */
export const grantOf = async (
  options: Options,
  ports: { readonly files: Files; readonly clock: Clock },
): Promise<Grant> => {
  const { client_secret: secret, refresh_token: token, username } = options
  if (username !== undefined) return jwtBearer(options, ports)
  const secrets = [secret, token].filter((value) => value !== undefined)
  if (token !== undefined) {
    return { params: () => ({ grant_type: 'refresh_token', refresh_token: token }), secrets }
  }
  return { params: () => ({ grant_type: 'client_credentials' }), secrets }
}
