import { createPrivateKey, type KeyObject } from 'node:crypto'

/** The RSA key of a PEM text. Throws an Error that names the option, and never holds a part of the key. */
export const rsaKey = (pem: string, option: string): KeyObject => {
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw new Error(`${option} holds a key that is encrypted: write one without a passphrase`)
  }
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    // What Node says may hold a part of the key.
    throw new Error(`${option} holds no private key: write one in PEM, as openssl genrsa makes it`)
  }
  if (key.asymmetricKeyType === 'rsa') return key
  throw new Error(`${option} holds a key of type ${key.asymmetricKeyType}: write an RSA key`)
}
