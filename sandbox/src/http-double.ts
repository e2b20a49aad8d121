import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { misanswer, sendResponse } from './http-faults.ts'
import { listen, type Listening } from './listen.ts'
import type { HttpFault } from './misbehaviour.ts'

export interface RecordedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface HttpDouble extends Listening {
  readonly requests: RecordedRequest[]
}

export interface HttpDoubleOptions {
  readonly port: number
  /** The transport fault that this request meets, if any. */
  readonly fault: (request: RecordedRequest) => HttpFault | undefined
  readonly answer: (request: Request) => Response | Promise<Response>
  /** Body and type of the service's own 429. */
  readonly rateLimited: () => { readonly body: string; readonly type: string }
}

/** Serves one HTTP double on loopback: keeps each request and lets transport faults go first. */
export async function serveDouble(options: HttpDoubleOptions): Promise<HttpDouble> {
  const requests: RecordedRequest[] = []
  const server = createServer((incoming, outgoing) => {
    // A client that goes away while it is being answered is its own affair.
    serve(incoming, outgoing).catch(() => outgoing.destroy())
  })

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const recorded = await record(incoming)
    requests.push(recorded)
    const fault = options.fault(recorded)
    const request = new Request(`http://${recorded.headers['host'] ?? '127.0.0.1'}${incoming.url ?? '/'}`, {
      method: recorded.method,
      headers: recorded.headers,
      ...(recorded.body === '' ? {} : { body: recorded.body }),
    })
    if (fault === undefined) return sendResponse(await options.answer(request), outgoing)
    const real = fault.afterEffect === true ? await options.answer(request) : undefined
    await misanswer(fault, real, outgoing, options.rateLimited())
  }

  return { ...(await listen(server, options.port)), requests }
}

/** The kinds of fault that `serveDouble` acts out. */
export const HTTP_KINDS = [
  'status',
  'rate-limit',
  'hang',
  'cut',
  'stall',
  'redirect',
  'html',
  'empty',
] as const satisfies readonly HttpFault['kind'][]

/** Whether a fault's path and method let it touch this request. */
export function inScope(
  fault: { readonly path?: string; readonly method?: string },
  request: { readonly method: string; readonly path: string },
): boolean {
  const method = fault.method === undefined || fault.method.toUpperCase() === request.method
  return method && (fault.path === undefined || request.path.includes(fault.path))
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}
