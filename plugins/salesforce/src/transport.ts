import { PassThrough } from 'node:stream'
import type { Redact } from '@onsignup/core'
import type { Transport } from 'jsforce/lib/transport.js'
import { apiError, Trouble, unreadable, type Exchange, type Stage } from './trouble.ts'

export interface Guards {
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
  readonly stage: Stage
  /** The only origins that may see the client secret or a token. */
  readonly origins: readonly string[]
  /** For an answer that repeats what it was sent. */
  readonly redact: Redact
  /** Filled in as the exchange goes on: jsforce's errors hold neither status nor headers. */
  readonly exchange: Exchange
}

const refuse = (stage: Stage, code: string, message: string, status?: number): Trouble =>
  new Trouble({ stage, status, errors: [apiError(code, message)] })

const originOf = (url: string, base?: string): string => URL.parse(url, base)?.origin ?? 'no URL'

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

/** In bytes, unzipped; a description of an object with hundreds of fields is a few million. */
const LARGEST = 16 * 1_024 * 1_024

/** The body; of an error that is too large, nothing, since its status says enough. */
const textOf = async ({ body, ok, status }: Response, stage: Stage): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > LARGEST) {
      if (ok) throw unreadable(stage, `HTTP ${status} with a body of more than ${LARGEST / 1_048_576} MB`)
      return ''
    }
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

const exchangeOver = async ({ url, method, headers, body }: Sent, guards: Guards) => {
  const { fetch, signal, stage, origins, redact, exchange } = guards
  if (!origins.includes(originOf(url))) {
    throw refuse(
      stage,
      'SF_FOREIGN_ORIGIN',
      `not sent to ${originOf(url)}: neither login_url nor its instance`,
    )
  }
  signal.throwIfAborted()
  // fetch counts the body itself, and refuses a request whose header says otherwise.
  const { 'content-length': _, ...rest } = headers ?? {}
  exchange.sent = true
  const response = await fetch(url, {
    method,
    headers: rest,
    redirect: 'manual',
    signal,
    ...(typeof body === 'string' ? { body } : {}),
  })
  exchange.status = response.status
  exchange.headers = response.headers
  if (REDIRECTS.includes(response.status)) {
    await response.body?.cancel()
    const to = originOf(response.headers.get('location') ?? '', url)
    throw refuse(stage, 'SF_REDIRECTED', `${originOf(url)} redirects to ${to}`, response.status)
  }
  const text = redact(await textOf(response, stage))
  exchange.body = text
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: text }
}

/**
 * A transport for one exchange of jsforce. Its own (3.10.26) follows redirects with the token to any host, ends
 * the process when an answer is cut while its body is read, and waits half an hour.
 */
export const guardedTransport = async (guards: Guards): Promise<Transport> => {
  const [{ Transport }, { StreamPromise }] = await Promise.all([
    import('jsforce/lib/transport.js'),
    import('jsforce/lib/util/promise.js'),
  ])
  return new (class extends Transport {
    override httpRequest(request: Sent) {
      return StreamPromise.create(() => ({
        stream: new PassThrough(),
        promise: exchangeOver(request, guards),
      }))
    }
  })()
}
