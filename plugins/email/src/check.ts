import type { Finding, Redact, Run } from '@onsignup/core'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import { classify } from './classify.ts'
import { connectionOptions, provide, requiresTls } from './client.ts'
import { checkRecord, type LookUp } from './dkim-record.ts'
import type { Signer } from './dkim.ts'
import type { Tokens } from './oauth.ts'
import type { Options } from './options.ts'
import { nameOf, type Server } from './server.ts'
import type { Versions } from './versions.ts'

const open = async (options: Options, server: Server): Promise<SMTPConnection> => {
  const { default: Connection } = await import('nodemailer/lib/smtp-connection')
  return new Connection(connectionOptions(options, server))
}

const settled = (
  connection: SMTPConnection,
  signal: AbortSignal,
  start: (done: (error?: unknown) => void) => void,
) =>
  new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => reject(error instanceof Error ? error : new Error(String(error)))
    const aborted = () => fail(Object.assign(new Error('the check was stopped'), { code: 'EABORT' }))
    const finish = (error?: unknown) => {
      connection.off('error', finish).off('end', ended)
      signal.removeEventListener('abort', aborted)
      if (error === undefined || error === null) resolve()
      else fail(error)
    }
    const ended = () => finish(Object.assign(new Error('the connection was closed'), { code: 'ECONNECTION' }))
    if (signal.aborted) return aborted()
    signal.addEventListener('abort', aborted, { once: true })
    connection.on('error', finish).once('end', ended)
    start(finish)
  })

const encryption = (connection: SMTPConnection, options: Options, server: Server): Finding => {
  if (!connection.secure) {
    const what = `the connection to ${nameOf(server)} is not encrypted`
    return server.loopback
      ? { state: 'unproved', what }
      : { state: 'unproved', what, mend: 'write tls: required' }
  }
  const how = server.implicitTls ? 'TLS from the first byte' : 'STARTTLS'
  return requiresTls(options, server)
    ? {
        state: 'proved',
        what: `the connection is encrypted (${how}) and the certificate is one for ${server.host}`,
      }
    : { state: 'proved', what: `the connection is encrypted (${how}); the certificate was not looked at` }
}

type Login = Parameters<SMTPConnection['login']>[0]

const loginOf = async (
  { user, password }: Options,
  tokens: Tokens | undefined,
): Promise<{ readonly auth: Login; readonly what: string } | undefined> => {
  if (user === undefined) return undefined
  if (tokens === undefined) return { auth: { user, pass: password ?? '' }, what: `the password of ${user}` }
  const { default: XOAuth2 } = await import('nodemailer/lib/xoauth2')
  const oauth2 = new XOAuth2({ user, provisionCallback: provide(tokens) })
  return { auth: { user, oauth2, method: 'XOAUTH2' }, what: `the token of ${user}` }
}

/** What a check needs beside the options. */
export interface CheckParts {
  readonly server: Server
  readonly versions: Versions
  readonly tokens: Tokens | undefined
  readonly signer: Signer | undefined
  readonly lookUp: LookUp
  readonly redact: Redact
}

/** Connects, encrypts and logs in as a send does, and sends nothing. */
export const check = async (
  options: Options,
  { server, versions, tokens, signer, lookUp, redact }: CheckParts,
  { signal }: Run,
): Promise<readonly Finding[]> => {
  const findings: Finding[] = []
  if (versions.languages.length > 0) {
    const languages = [`${options.default_language} (for all others)`, ...versions.languages].join(', ')
    findings.push({ state: 'proved', what: `the message is there in ${languages}` })
  }
  if (signer !== undefined) findings.push(await checkRecord(signer, lookUp))
  const connection = await open(options, server)
  // A socket that fails after the last step is nobody's to hear of.
  connection.on('error', () => {})
  try {
    await settled(connection, signal, (done) => connection.connect(done))
    findings.push({ state: 'proved', what: `${nameOf(server)} answers as an SMTP server` })
    findings.push(encryption(connection, options, server))
    const login = await loginOf(options, tokens)
    if (login === undefined) {
      findings.push({
        state: 'unproved',
        what: 'no user is set: whether the server sends without one shows at a message',
      })
    } else {
      // A token that was good a while ago proves nothing of what it was got with.
      tokens?.drop()
      await settled(connection, signal, (done) => connection.login(login.auth, done))
      findings.push({ state: 'proved', what: `${nameOf(server)} accepts ${login.what}` })
    }
    findings.push({
      state: 'unproved',
      what: `whether it takes mail from "${options.from}" shows at the first message`,
    })
    connection.quit()
  } catch (error) {
    connection.close()
    const told = { server: nameOf(server), redact, complete: false, attempt: 1 }
    const { message, mend } = classify(error, told)
    findings.push(
      mend === undefined ? { state: 'failed', what: message } : { state: 'failed', what: message, mend },
    )
  }
  return findings
}
