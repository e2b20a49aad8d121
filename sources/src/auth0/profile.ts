import type { RegistrationInput } from '@onsignup/core'
import { flag, object, parsed, text, type JsonObject } from '../json.ts'

/** Masked by Auth0, as a log stream's are with its PII settings: the mask is nobody's name. */
const isMasked = (value: string): boolean => /^\*+$/.test(value)

const shown = (value: unknown): string | null => {
  const known = text(value)
  return known === null || isMasked(known) ? null : known
}

/** Masked or hashed, it is no address any more. */
const email = (value: unknown): string | null => {
  const known = text(value)
  return known?.includes('@') && !known.includes('***') ? known : null
}

// A log record holds what the sign-up form sent, which is an object in its JSON or a text that is JSON.
const metadata = (value: unknown): JsonObject => object(typeof value === 'string' ? parsed(value) : value)

/** A registration's user, whose metadata `publish` checks. */
export type User = Omit<RegistrationInput['user'], 'user_metadata' | 'app_metadata'> & {
  readonly user_metadata: JsonObject
  readonly app_metadata: JsonObject
}

/**
 * What Auth0's payloads call by the same names: the user of an event or an Action, the form of a log record. Only these
 * members are read, so that a password goes nowhere.
 */
export const profileOf = (from: JsonObject): Omit<User, 'id' | 'tenant'> => ({
  username: shown(from['username']),
  email: email(from['email']),
  emailVerified: flag(from['email_verified']),
  phone: shown(from['phone_number']),
  phoneVerified: flag(from['phone_verified']),
  name: shown(from['name']),
  givenName: shown(from['given_name']),
  familyName: shown(from['family_name']),
  nickname: shown(from['nickname']),
  picture: text(from['picture']),
  locale: text(from['locale']),
  user_metadata: metadata(from['user_metadata']),
  app_metadata: metadata(from['app_metadata']),
})
