import { createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { cert, key } from './localhost.ts'

/** What the server does at a step: answers with a line, cuts the connection, or says nothing for ever. */
export type Step = string | 'cut' | 'hang'

/** The steps of a session; each has a good answer of its own. */
export interface Script {
  readonly greeting?: Step
  readonly ehlo?: Step
  /** TLS begins after an answer of 220, whatever follows it. */
  readonly starttls?: Step
  /** What comes of the handshake; by itself it goes through. */
  readonly handshake?: 'cut' | 'hang' | 'garbage'
  readonly auth?: Step
  readonly mail?: Step
  readonly rcpt?: Step
  readonly data?: Step
  /** Once the message has begun, before its end. */
  readonly body?: Step
  /** After the dot. */
  readonly dot?: Step
}

/** A raw SMTP server on loopback that does as it is told and writes down what it hears. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Each command as it came. */
  readonly commands: string[]
  /** Each message as it came over the wire, dots doubled, without the ending one. */
  readonly messages: string[]
  connections(): number
  /** Closes every connection, as a server does that has waited for long. */
  dropAll(): void
}

const GOOD: Required<Omit<Script, 'handshake'>> = {
  greeting: '220 scripted.example ESMTP',
  ehlo: '250-scripted.example\r\n250 AUTH PLAIN',
  starttls: '502 5.5.1 not known',
  auth: '235 2.7.0 welcome',
  mail: '250 2.1.0 ok',
  rcpt: '250 2.1.5 ok',
  data: '354 go ahead',
  body: '',
  dot: '250 2.0.0 queued as 4711',
}

const STEPS: readonly (readonly [RegExp, keyof typeof GOOD])[] = [
  [/^EHLO/i, 'ehlo'],
  [/^STARTTLS/i, 'starttls'],
  [/^AUTH/i, 'auth'],
  [/^MAIL/i, 'mail'],
  [/^RCPT/i, 'rcpt'],
  [/^DATA/i, 'data'],
]

/** Starts one; `script` may be another for each connection, from 0. */
export const scriptedServer = async (
  script: Script | ((connection: number) => Script),
): Promise<ScriptedServer> => {
  const commands: string[] = []
  const messages: string[] = []
  const sockets = new Set<Socket>()
  let count = 0
  const converse = (socket: Socket, script: Script & typeof GOOD) => {
    const act = (step: Step): void => {
      if (step === 'cut') socket.destroy()
      else if (step !== 'hang') socket.write(`${step}\r\n`)
    }
    const upgrade = () => {
      socket.removeAllListeners('data')
      if (script.handshake === 'cut') return socket.destroy()
      if (script.handshake === 'hang') return socket.on('data', () => {})
      if (script.handshake === 'garbage') return socket.write('220 this is no TLS\r\n')
      return converse(new TLSSocket(socket, { isServer: true, key, cert }), script)
    }
    let heard = ''
    let inMessage = false
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        heard += chunk.toString('latin1')
        while (!socket.destroyed) {
          const ending = inMessage ? '\r\n.\r\n' : '\r\n'
          if (inMessage && script.body !== '') return act(script.body)
          const at = heard.indexOf(ending)
          if (at === -1) return
          const what = heard.slice(0, at)
          heard = heard.slice(at + ending.length)
          if (inMessage) {
            messages.push(`${what}\r\n`)
            inMessage = false
            act(script.dot)
            continue
          }
          commands.push(what)
          if (/^QUIT/i.test(what)) return socket.end('221 bye\r\n')
          const step = STEPS.find(([command]) => command.test(what))?.[1]
          const reply = step === undefined ? '250 ok' : script[step]
          inMessage = step === 'data' && reply.startsWith('354')
          act(reply)
          if (step === 'starttls' && reply.startsWith('220')) return upgrade()
        }
      })
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    const steps = { ...GOOD, ...(typeof script === 'function' ? script(count) : script) }
    count += 1
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    converse(socket, steps)
    if (steps.greeting === 'cut') socket.destroy()
    else if (steps.greeting !== 'hang') socket.write(`${steps.greeting}\r\n`)
  })
  const dropAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  const { port } = address
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    commands,
    messages,
    connections: () => count,
    dropAll,
    async [Symbol.asyncDispose]() {
      dropAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
