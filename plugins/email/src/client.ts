import type { Readable } from 'node:stream'
import type { SMTPConnectionOptions } from 'nodemailer'
import type { Letter } from './message.ts'
import type { Tokens } from './oauth.ts'
import type { Options } from './options.ts'
import type { Server } from './server.ts'

/** How a send ended: with the server's answer, or with an error and whether all of the message had gone out. */
export type Sent =
  | { readonly answer: string; readonly error?: never }
  | { readonly error: unknown; readonly complete: boolean; readonly answer?: never }

/** A pool of SMTP connections, opened at the first send. */
export interface Client {
  send(letter: Letter, signal: AbortSignal): Promise<Sent>
  close(): void
}

const SECONDS = 1_000

/** Whether an unencrypted connection is refused. */
export const requiresTls = (options: Options, server: Server): boolean =>
  server.implicitTls || (options.tls ?? (server.loopback ? 'off' : 'required')) === 'required'

/** What sending and checking connect with. */
export const connectionOptions = (options: Options, server: Server) => {
  const required = requiresTls(options, server)
  return {
    host: server.host,
    port: server.port,
    secure: server.implicitTls,
    requireTLS: required && !server.implicitTls,
    // Where a plain connection is good enough, so is an encrypted one whose far end is not proved.
    opportunisticTLS: !required,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: required },
    connectionTimeout: 15 * SECONDS,
    greetingTimeout: 30 * SECONDS,
    // RFC 5321, 4.5.3.2.6: a server may take 10 minutes to answer the end of a message, and giving up on one
    // that has taken it makes duplicates.
    socketTimeout: 600 * SECONDS,
    logger: false,
    debug: false,
  } as const satisfies SMTPConnectionOptions
}

/** Hands tokens to nodemailer, which would fetch one for each connection and call every failure a wrong password. */
export const provide =
  (tokens: Tokens) =>
  (_user: string, renew: boolean, done: (error: Error | null, token?: string, expires?: number) => void) => {
    if (renew) tokens.drop()
    tokens.get().then(
      ({ value, expires }) => done(null, value, expires),
      (cause: unknown) => done(new Error('no token', { cause })),
    )
  }

/** The credentials, as nodemailer takes them. */
const credentials = ({ user, password }: Options, tokens: Tokens | undefined) => {
  if (user === undefined) return undefined
  if (tokens !== undefined) return { type: 'OAuth2', user, provisionCallback: provide(tokens) } as const
  return password === undefined ? undefined : { user, pass: password }
}

const createTransport = async (
  options: Options,
  server: Server,
  tokens: Tokens | undefined,
  streams: WeakMap<Buffer, Readable>,
) => {
  const { createTransport: create } = await import('nodemailer')
  const auth = credentials(options, tokens)
  const transport = create({
    ...connectionOptions(options, server),
    pool: true,
    maxConnections: options.max_connections,
    maxMessages: 100,
    // The engine retries; see https://github.com/nodemailer/nodemailer/issues/1105
    maxRequeues: 0,
    idleTimeout: 60 * SECONDS,
    // Without forceAuth a server that offers no AUTH is sent to unauthenticated.
    ...(auth && { auth, forceAuth: true }),
    disableFileAccess: true,
    disableUrlAccess: true,
    maxRecipients: 1,
  })
  // A server has a message when it has the dot after it, which nodemailer 10.6 writes when this stream has ended:
  // so the stream tells a connection that broke too early from one that broke while the answer was awaited.
  transport.use('stream', (mail, done) => {
    const { message, data } = mail
    if (message && Buffer.isBuffer(data.raw)) {
      const { raw } = data
      const open = message.createReadStream.bind(message)
      message.createReadStream = (streamOptions) => {
        const stream = open(streamOptions)
        streams.set(raw, stream)
        return stream
      }
    }
    done()
  })
  return transport
}

const isRefusedLogin = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EAUTH'

/** Makes the client; nothing is imported or connected before the first send. */
export const createClient = (options: Options, server: Server, tokens?: Tokens): Client => {
  const streams = new WeakMap<Buffer, Readable>()
  let transport: ReturnType<typeof createTransport> | undefined
  return {
    async send({ from, to, raw }, signal) {
      transport ??= createTransport(options, server, tokens, streams)
      try {
        const info = await (await transport).sendMail({ envelope: { from, to: [to] }, raw, signal })
        return { answer: info.response }
      } catch (error) {
        if (isRefusedLogin(error)) tokens?.drop()
        return { error, complete: streams.get(raw)?.readableEnded ?? false }
      }
    },
    close() {
      void transport?.then((open) => open.close())
    },
  }
}
