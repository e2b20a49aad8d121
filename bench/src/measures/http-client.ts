import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

/** A connection that sends one prepared request after another. A client that does more would be the bottleneck. */
export interface HttpClient {
  /** Resolves to the status. */
  send(request: Buffer): Promise<number>
  close(): void
}

const LENGTH = /\r\ncontent-length: (\d+)/i

/** The whole length of the answer that begins here; undefined while its head is not there. */
const lengthOf = (text: string): number | undefined => {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const body = LENGTH.exec(text.slice(0, head))?.[1]
  if (body !== undefined) return head + 4 + Number(body)
  const end = text.indexOf('\r\n0\r\n\r\n', head)
  return end < 0 ? undefined : end + 7
}

const open = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

export const openClient = async (port: number): Promise<HttpClient> => {
  const socket = await open(port)
  let heard = ''
  let answer = Promise.withResolvers<number>()
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    heard += text
    const length = lengthOf(heard)
    if (length === undefined || heard.length < length) return
    const status = Number(heard.slice(9, 12))
    heard = heard.slice(length)
    answer.resolve(status)
  })
  const lost = () => answer.reject(new Error('the server closed a connection'))
  socket.on('error', lost).on('close', lost)
  return {
    send(request) {
      answer = Promise.withResolvers()
      socket.write(request)
      return answer.promise
    },
    close() {
      socket.off('close', lost).destroy()
    },
  }
}

/** A prepared POST of JSON. */
export const postOf = (path: string, body: unknown): Buffer => {
  const json = JSON.stringify(body)
  const length = Buffer.byteLength(json)
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${json}`,
  )
}
