import { once } from 'node:events'
import type { Socket } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import { createFaults } from './misbehaviour.ts'
import type { FaultHandle, SmtpFault } from './misbehaviour.ts'
import { createHandlers } from './smtp-handlers.ts'
import type { Mail } from './smtp-mail.ts'

export interface SmtpOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number
  /** With a user and a password, mail is taken from nobody else. */
  readonly user?: string
  readonly password?: string
  /** `off` unless given; without key and cert a well-known, self-signed test certificate serves. */
  readonly tls?: 'off' | 'starttls' | 'implicit'
  readonly key?: string
  readonly cert?: string
}

export interface SmtpSession {
  readonly id: string
  readonly secure: boolean
  readonly user: string | undefined
  readonly open: boolean
}

export interface SmtpDouble {
  /** smtp://127.0.0.1:port, or smtps:// with implicit TLS. */
  readonly url: string
  readonly port: number
  readonly mailbox: readonly Mail[]
  /** Every connection that got as far as the greeting. */
  readonly sessions: readonly SmtpSession[]
  misbehave(fault: SmtpFault): FaultHandle
  /** Ends all misbehaviour. */
  behave(): void
  /** Empties the mailbox, forgets sessions, and behaves again. */
  reset(): void
  close(): Promise<void>
}

/** Starts a stand-in for a mail server on loopback. */
export async function startSmtp(options: SmtpOptions = {}): Promise<SmtpDouble> {
  const faults = createFaults<SmtpFault>()
  const mailbox: Mail[] = []
  const sessions: SmtpSession[] = []
  // smtp-server hands out sessions, not sockets; the peer's port ties the two together.
  const sockets = new Map<number, Socket>()
  const { user, password, tls = 'off' } = options
  const credentials = user === undefined ? undefined : { user, password: password ?? '' }

  function note(session: SMTPServerSession, open: boolean): void {
    const noted = {
      id: session.id,
      secure: session.secure,
      user: typeof session.user === 'string' ? session.user : undefined,
      open,
    }
    const index = sessions.findIndex(({ id }) => id === session.id)
    if (index >= 0) sessions[index] = noted
    else if (open) sessions.push(noted)
  }

  const server = new SMTPServer({
    ...serverOptions(options, credentials !== undefined),
    ...createHandlers({
      faults,
      credentials,
      store: (mail) => void mailbox.push(mail),
      note,
      cut: (session) => void sockets.get(session.remotePort)?.destroy(),
    }),
  })
  // Clients that break off, or that refuse our certificate, are what a double is for.
  server.on('error', () => {})
  server.server.on('connection', (socket: Socket) => {
    const peer = socket.remotePort ?? 0
    sockets.set(peer, socket)
    socket.once('close', () => sockets.delete(peer))
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  return {
    url: `${tls === 'implicit' ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    port,
    mailbox,
    sessions,
    misbehave: (fault) => faults.add(fault),
    behave: () => faults.clear(),
    reset() {
      faults.clear()
      mailbox.length = 0
      sessions.length = 0
    },
    async close() {
      if (!server.server.listening) return
      const closed = once(server.server, 'close')
      server.close()
      for (const socket of sockets.values()) socket.destroy()
      await closed
    },
  }
}

const A_DAY = 24 * 60 * 60 * 1000

function serverOptions({ tls = 'off', key, cert }: SmtpOptions, authentic: boolean): SMTPServerOptions {
  const disabledCommands = [...(authentic ? [] : ['AUTH']), ...(tls === 'off' ? ['STARTTLS'] : [])]
  return {
    name: 'sandbox.localhost',
    secure: tls === 'implicit',
    disabledCommands,
    authOptional: !authentic,
    allowInsecureAuth: tls === 'off',
    disableReverseLookup: true,
    // A command to hang must hold for as long as the client waits.
    socketTimeout: A_DAY,
    logger: false,
    ...(key === undefined ? {} : { key }),
    ...(cert === undefined ? {} : { cert }),
  }
}
