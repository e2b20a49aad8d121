import type { SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import type { Faults, SmtpFault } from './misbehaviour.ts'
import { readMail } from './smtp-mail.ts'
import type { Mail } from './smtp-mail.ts'

export interface HandlerParts {
  readonly faults: Faults<SmtpFault>
  readonly credentials: { readonly user: string; readonly password: string } | undefined
  store(mail: Mail): void
  /** Notes where a session stands. */
  note(session: SMTPServerSession, open: boolean): void
  /** Breaks the connection without a word. */
  cut(session: SMTPServerSession): void
}

type Handlers = Pick<
  SMTPServerOptions,
  'onConnect' | 'onSecure' | 'onAuth' | 'onMailFrom' | 'onRcptTo' | 'onData' | 'onClose'
>

/** What the server does at each step of the SMTP dialogue; faults go first. */
export function createHandlers({ faults, credentials, store, note, cut }: HandlerParts): Handlers {
  return {
    onConnect(session, done) {
      const fault = faults.take(['greeting', 'hang-at-greeting'])
      if (fault?.kind === 'hang-at-greeting') return
      if (fault !== undefined) return done(refusal(fault, 421, '3.2 Service not available'))
      note(session, true)
      done()
    },
    onSecure(_socket, session, done) {
      note(session, true)
      done()
    },
    onAuth(auth, session, done) {
      const fault = faults.take(['refuse-auth'])
      const right = auth.username === credentials?.user && auth.password === credentials?.password
      if (fault === undefined && right) {
        note({ ...session, user: auth.username }, true)
        return done(null, { user: auth.username })
      }
      done(refusal(fault ?? {}, 535, '7.8 Authentication credentials invalid'))
    },
    onMailFrom(_address, _session, done) {
      const fault = faults.take(['refuse-sender'])
      if (fault === undefined) return done()
      done(refusal(fault, 550, '7.1 Sender address rejected'))
    },
    onRcptTo({ address }, _session, done) {
      const fault = faults.take(['greylist', 'reject'], (it) => (it.recipient ?? address) === address)
      if (fault === undefined) return done()
      done(
        fault.kind === 'greylist'
          ? refusal(fault, 450, '7.1 Greylisted, please try again later')
          : refusal(fault, 550, '1.1 User unknown'),
      )
    },
    onData(stream, session, done) {
      if (faults.take(['cut-mid-data']) !== undefined) {
        stream.once('data', () => cut(session))
        return
      }
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const fault = faults.take(['refuse-message', 'cut-after-dot', 'hang-after-dot'])
        if (fault?.kind === 'refuse-message') {
          return done(refusal(fault, 554, '7.1 Message refused'))
        }
        const lost = fault !== undefined && fault.afterEffect !== true
        const kept = lost ? Promise.resolve() : readMail(Buffer.concat(chunks), session).then(store)
        kept.then(
          () => {
            if (fault === undefined) done(null, `2.0.0 OK: queued as ${session.id}`)
            else if (fault.kind === 'cut-after-dot') cut(session)
          },
          (error: unknown) => done(refusal({}, 451, `3.0 Cannot read this message: ${String(error)}`)),
        )
      })
    },
    onClose: (session) => note(session, false),
  }
}

// The enhanced code must be of the same class as the reply code: RFC 3463, section 2.
function refusal(
  fault: { readonly code?: number; readonly message?: string },
  usualCode: number,
  usualText: string,
): Error {
  const responseCode = fault.code ?? usualCode
  const message = fault.message ?? `${Math.floor(responseCode / 100)}.${usualText}`
  return Object.assign(new Error(message), { responseCode })
}
