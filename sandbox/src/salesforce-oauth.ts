import { createHmac, randomBytes, verify } from 'node:crypto'
import { isObject, parseJson } from './json.ts'
import type { JsonObject } from './json.ts'

export interface OAuthSettings {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  /** PEM; with it the signature of a JWT bearer assertion is checked. */
  readonly publicKey: string | undefined
  readonly now: () => number
}

export interface OAuth {
  /** Answers POST /services/oauth2/token. */
  token(form: URLSearchParams, authorization: string | undefined, origin: string): Response
  isLive(authorization: string | undefined): boolean
  expireSessions(): void
}

export const ORGANISATION = '00DSb0000000001MAA'
export const USER = '005Sb0000000001AAA'

/** The token endpoint and the sessions it has opened. */
export function createOAuth(settings: OAuthSettings): OAuth {
  const sessions = new Set<string>()

  function grant(origin: string, extra: JsonObject = {}): Response {
    const accessToken = `${ORGANISATION.slice(0, 15)}!${randomBytes(48).toString('base64url')}`
    sessions.add(accessToken)
    const id = `${origin}/id/${ORGANISATION}/${USER}`
    const issuedAt = String(settings.now())
    // https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm
    const signature = createHmac('sha256', settings.clientSecret)
      .update(id + issuedAt)
      .digest('base64')
    return Response.json(
      {
        access_token: accessToken,
        signature,
        scope: 'api',
        instance_url: origin,
        id,
        token_type: 'Bearer',
        issued_at: issuedAt,
        ...extra,
      },
      { headers: { 'cache-control': 'no-cache, no-store' } },
    )
  }

  return {
    token(form, authorization, origin) {
      const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1]
      const [basicId, basicSecret] = Buffer.from(basic ?? '', 'base64')
        .toString()
        .split(':')
      const clientId = form.get('client_id') ?? basicId
      const clientSecret = form.get('client_secret') ?? basicSecret
      const grantType = form.get('grant_type')

      if (grantType === JWT_BEARER) {
        const problem = checkAssertion(form.get('assertion') ?? '', settings, origin)
        return problem ?? grant(origin)
      }
      if (grantType !== 'client_credentials' && grantType !== 'refresh_token') {
        return oauthError('unsupported_grant_type', 'grant type not supported')
      }
      if (clientId !== settings.clientId) return oauthError('invalid_client_id', 'client identifier invalid')
      const secretGiven = clientSecret !== undefined && clientSecret !== ''
      if (clientSecret !== settings.clientSecret && (secretGiven || grantType === 'client_credentials')) {
        return oauthError('invalid_client', 'invalid client credentials')
      }
      if (grantType === 'refresh_token' && form.get('refresh_token') !== settings.refreshToken) {
        return oauthError('invalid_grant', 'expired access/refresh token')
      }
      return grant(origin)
    },
    isLive: (authorization) => sessions.has(/^(?:Bearer|OAuth) (.+)$/i.exec(authorization ?? '')?.[1] ?? ''),
    expireSessions: () => sessions.clear(),
  }
}

/** An OAuth error as the token endpoint words it. */
export function oauthError(error: string, description: string, status = 400): Response {
  return Response.json({ error, error_description: description }, { status })
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const LOGIN_HOSTS = ['https://login.salesforce.com', 'https://test.salesforce.com']

// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm
function checkAssertion(assertion: string, settings: OAuthSettings, origin: string): Response | undefined {
  const [header = '', payload = '', signature = '', ...rest] = assertion.split('.')
  const head = parseJson(Buffer.from(header, 'base64url').toString())
  const claims = parseJson(Buffer.from(payload, 'base64url').toString())
  const formed = isObject(head) && head['alg'] === 'RS256' && isObject(claims)
  if (!formed || signature === '' || rest.length > 0) return oauthError('invalid_grant', 'invalid assertion')
  if (claims['iss'] !== settings.clientId) return oauthError('invalid_client_id', 'client identifier invalid')
  const audience = String(claims['aud']).replace(/\/$/, '')
  if (![origin, ...LOGIN_HOSTS].includes(audience)) return oauthError('invalid_grant', 'audience is invalid')
  if (typeof claims['sub'] !== 'string')
    return oauthError('invalid_grant', "user hasn't approved this consumer")
  const seconds = settings.now() / 1000
  const expires = claims['exp']
  if (typeof expires !== 'number' || expires < seconds || expires > seconds + 300) {
    return oauthError('invalid_grant', 'invalid assertion')
  }
  const { publicKey } = settings
  if (publicKey === undefined) return undefined
  const signed = Buffer.from(`${header}.${payload}`)
  const genuine = verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))
  return genuine ? undefined : oauthError('invalid_grant', 'invalid assertion')
}
