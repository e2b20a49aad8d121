import type { ServerResponse } from 'node:http'
import type { HttpFault } from './misbehaviour.ts'

/** Answers wrongly, in the way the fault says; `real` is the true answer of a request that took effect. */
export async function misanswer(
  fault: HttpFault,
  real: Response | undefined,
  outgoing: ServerResponse,
  rateLimited: { readonly body: string; readonly type: string },
): Promise<void> {
  switch (fault.kind) {
    case 'hang':
      return
    case 'cut':
      if (fault.at === 'before-headers') outgoing.destroy()
      else await sendHalf(real, outgoing, () => outgoing.destroy())
      return
    case 'stall':
      return sendHalf(real, outgoing, () => {})
    default:
      return sendResponse(wrongResponse(fault, rateLimited), outgoing)
  }
}

/** Writes a whole answer. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer())
  const length = response.status === 204 || response.status === 304 ? {} : { 'content-length': body.length }
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...length })
  outgoing.end(body)
}

type WholeAnswer = Exclude<HttpFault, { kind: 'hang' | 'cut' | 'stall' }>

function wrongResponse(fault: WholeAnswer, rateLimited: { body: string; type: string }): Response {
  switch (fault.kind) {
    case 'status': {
      const text = typeof fault.body === 'string'
      const type = text ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
      const body = text ? fault.body : fault.body === undefined ? null : JSON.stringify(fault.body)
      const headers = { ...(body === null ? {} : { 'content-type': type }), ...fault.headers }
      return new Response(body, { status: fault.status, headers })
    }
    case 'rate-limit': {
      const after = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
      return new Response(rateLimited.body, {
        status: 429,
        headers: { 'content-type': rateLimited.type, ...after },
      })
    }
    case 'redirect':
      return new Response(null, { status: fault.status ?? 302, headers: { location: fault.to } })
    case 'html':
      return new Response(
        '<!DOCTYPE html><html><head><title>Maintenance</title></head><body></body></html>',
        {
          headers: { 'content-type': 'text/html; charset=utf-8' },
        },
      )
    case 'empty':
      return new Response(null, { headers: { 'content-type': 'application/json; charset=utf-8' } })
  }
}

async function sendHalf(
  real: Response | undefined,
  outgoing: ServerResponse,
  then: () => void,
): Promise<void> {
  const whole =
    real === undefined ? Buffer.from('{"ok":true,"id":"lost"}') : Buffer.from(await real.arrayBuffer())
  const headers =
    real === undefined ? { 'content-type': 'application/json' } : Object.fromEntries(real.headers)
  // The full length is promised, so that the client knows that the rest is missing.
  outgoing.writeHead(real?.status ?? 200, { ...headers, 'content-length': Math.max(whole.length, 2) })
  outgoing.write(whole.subarray(0, Math.max(1, Math.floor(whole.length / 2))), then)
}
