import { once } from 'node:events'
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { OnSignupError } from '@onsignup/core'

/** How long requests that are being answered may take when the server closes. */
const TIME_TO_ANSWER = 1_000

type Fetch = (request: Request) => Response | Promise<Response>

/** Serves requests of node:http by a web-standard handler. */
export const webListener = ({ fetch }: { readonly fetch: Fetch }): RequestListener =>
  getRequestListener(fetch, { overrideGlobalObjects: false })

/** Listens for HTTP. */
export class Server {
  readonly #http: HttpServer
  readonly #where: { readonly port: number; readonly host: string }

  constructor(listener: RequestListener, where: { readonly port: number; readonly host: string }) {
    this.#http = createServer(listener)
    this.#where = where
  }

  /** Rejects with `not_listening` when the address is taken or not ours. */
  async open(): Promise<void> {
    const { port, host } = this.#where
    const listening = Promise.withResolvers<void>()
    this.#http.once('error', listening.reject).listen(port, host, listening.resolve)
    try {
      await listening.promise
    } catch (cause) {
      throw new OnSignupError('not_listening', `cannot listen on ${host}:${port}`, {
        mend: 'choose another address with server.port, server.host or --port',
        cause,
      })
    } finally {
      this.#http.off('error', listening.reject)
    }
  }

  /** Where it listens, as http://127.0.0.1:8080. */
  get url(): string {
    const address = this.#http.address()
    const port = typeof address === 'object' && address !== null ? address.port : this.#where.port
    const { host } = this.#where
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /** Takes no more requests and lets those that are being answered end. */
  async close(): Promise<void> {
    const closed = once(this.#http, 'close')
    this.#http.close()
    this.#http.closeIdleConnections()
    const force = setTimeout(() => this.#http.closeAllConnections(), TIME_TO_ANSWER)
    await closed
    clearTimeout(force)
  }
}
