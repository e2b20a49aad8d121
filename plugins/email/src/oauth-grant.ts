import { sign } from 'node:crypto'
import type { Clock, Files } from '@onsignup/core'
import { z } from 'zod'
import type { OauthOptions } from './options.ts'
import { rsaKey } from './pem.ts'

/** How a token is asked for. */
export interface Grant {
  readonly tokenUrl: string
  /** The form's members; anew each time, since an assertion ages, and with the newest refresh token. */
  form(refreshToken: string | undefined): Readonly<Record<string, string>>
  /** What must never be shown. */
  readonly secrets: readonly string[]
}

// https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth (2026-11)
const MICROSOFT_SCOPE = 'https://outlook.office365.com/.default'
// https://developers.google.com/workspace/gmail/imap/xoauth2-protocol (2026-11)
const GOOGLE_SCOPE = 'https://mail.google.com/'

/** Seconds that an assertion is good for; clocks differ. */
const LIFETIME = 300

const accountSchema = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  token_uri: z.url({ protocol: /^https?$/ }).default('https://oauth2.googleapis.com/token'),
})

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const accountOf = (text: string, option: string): z.output<typeof accountSchema> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // What JSON.parse says may hold a part of the key.
    throw new Error(`${option} is no JSON: write the key file as Google gives it`)
  }
  const parsed = accountSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const names = parsed.error.issues.map(({ path }) => path.join('.')).join(', ')
  throw new Error(`${option} is no key of a service account: see ${names} in it`)
}

/** Reads what the options name. Throws an Error that names the option. */
export const grantOf = async (
  options: OauthOptions,
  user: string,
  { files, clock }: { readonly files: Files; readonly clock: Clock },
): Promise<Grant> => {
  const { service_account_file: file, client_id = '', client_secret, refresh_token, scope } = options
  if (file !== undefined) {
    const option = `oauth.service_account_file ${file}`
    const account = accountOf(await files.read(file), option)
    const key = rsaKey(account.private_key, option)
    const { client_email: iss, token_uri: aud } = account
    return {
      tokenUrl: aud,
      secrets: [account.private_key],
      form() {
        const iat = Math.floor(clock.now() / 1_000)
        const claims = { iss, sub: user, scope: scope ?? GOOGLE_SCOPE, aud, iat, exp: iat + LIFETIME }
        const signed = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(claims)}`
        return {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`,
        }
      },
    }
  }
  const isOfUser = refresh_token !== undefined
  const asked = scope ?? (isOfUser ? undefined : MICROSOFT_SCOPE)
  return {
    tokenUrl: options.token_url ?? '',
    secrets: [client_secret, refresh_token].filter((secret) => secret !== undefined),
    form: (newest) => ({
      client_id,
      ...(client_secret === undefined ? {} : { client_secret }),
      ...(asked === undefined ? {} : { scope: asked }),
      ...(isOfUser
        ? { grant_type: 'refresh_token', refresh_token: newest ?? refresh_token }
        : { grant_type: 'client_credentials' }),
    }),
  }
}
