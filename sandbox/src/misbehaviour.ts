interface Limited {
  /** How often it happens; left out: until stopped. */
  readonly times?: number
}

interface OnRequest extends Limited {
  /** Only requests whose path contains this, such as `chat.postMessage`. */
  readonly path?: string
  readonly method?: string
}

interface OnAnswer extends OnRequest {
  /** The request takes effect first (the message is stored), and only then the answer goes wrong. */
  readonly afterEffect?: boolean
}

interface OnRecipient extends Limited {
  /** Only this recipient. */
  readonly recipient?: string
  readonly message?: string
}

/** A way in which an HTTP answer goes wrong, whatever the service. */
export type HttpFault =
  | (OnAnswer & {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      /** A string is sent as it is, anything else as JSON. */
      readonly body?: unknown
    })
  /** 429; `retryAfter` in seconds, or any text to send a broken header, or left out to send none. */
  | (OnAnswer & { readonly kind: 'rate-limit'; readonly retryAfter?: number | string })
  | (OnAnswer & { readonly kind: 'hang' })
  | (OnAnswer & { readonly kind: 'cut'; readonly at: 'before-headers' | 'mid-body' })
  | (OnAnswer & { readonly kind: 'stall' })
  | (OnAnswer & { readonly kind: 'redirect'; readonly to: string; readonly status?: number })
  | (OnAnswer & { readonly kind: 'html' })
  | (OnAnswer & { readonly kind: 'empty' })

/** What the Slack double can be told to do wrong; `error` is a platform error, `details` go beside it. */
export type SlackFault =
  | HttpFault
  | (OnRequest & {
      readonly kind: 'error'
      readonly error: string
      readonly details?: Readonly<Record<string, unknown>>
    })

/**
 * What the Salesforce double can be told to do wrong. An `error` at the token endpoint is worded as OAuth's;
 * a `record-error` is counted in records, not in requests.
 */
export type SalesforceFault =
  | HttpFault
  | (OnRequest & {
      readonly kind: 'error'
      readonly errorCode: string
      readonly message?: string
      readonly status?: number
    })
  | (OnRequest & { readonly kind: 'expired-session' })
  | (OnRequest & {
      readonly kind: 'record-error'
      readonly statusCode: string
      readonly message?: string
      readonly fields?: readonly string[]
      /** Only the record at this place of its call, from 0. */
      readonly index?: number
      /** Only records that hold these values. */
      readonly where?: Readonly<Record<string, unknown>>
    })

/** What the SMTP double can be told to do wrong; a `message` carries its own enhanced code, such as `5.7.1 …`. */
export type SmtpFault =
  | (Limited & { readonly kind: 'greeting'; readonly code?: number; readonly message?: string })
  | (Limited & { readonly kind: 'hang-at-greeting' })
  | (Limited & { readonly kind: 'refuse-auth'; readonly code?: number; readonly message?: string })
  | (Limited & { readonly kind: 'refuse-sender'; readonly code?: number; readonly message?: string })
  | (OnRecipient & { readonly kind: 'greylist'; readonly code?: number })
  | (OnRecipient & { readonly kind: 'reject'; readonly code?: number })
  | (Limited & { readonly kind: 'cut-mid-data' })
  | (Limited & { readonly kind: 'refuse-message'; readonly code?: number; readonly message?: string })
  | (Limited & { readonly kind: 'cut-after-dot'; readonly afterEffect?: boolean })
  | (Limited & { readonly kind: 'hang-after-dot'; readonly afterEffect?: boolean })

type Fault = Limited & { readonly kind: string }

export interface FaultHandle {
  /** Ends the misbehaviour; harmless when it has run out already. */
  stop(): void
}

export interface Faults<F extends Fault> {
  add(fault: F): FaultHandle
  /** The oldest standing fault of these kinds that applies, counted as happened. */
  take<K extends F['kind']>(
    kinds: readonly K[],
    applies?: (fault: Extract<F, { kind: K }>) => boolean,
  ): Extract<F, { kind: K }> | undefined
  clear(): void
}

/** The queue of faults of one double: the oldest one that applies goes first. */
export function createFaults<F extends Fault>(): Faults<F> {
  const standing = new Set<{ readonly fault: F; left: number }>()
  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? Infinity }
      if (entry.left > 0) standing.add(entry)
      return { stop: () => void standing.delete(entry) }
    },
    take(kinds, applies = () => true) {
      for (const entry of standing) {
        const { fault } = entry
        if (!isKind(fault, kinds) || !applies(fault)) continue
        entry.left -= 1
        if (entry.left <= 0) standing.delete(entry)
        return fault
      }
      return undefined
    },
    clear: () => standing.clear(),
  }
}

function isKind<F extends Fault, K extends F['kind']>(
  fault: F,
  kinds: readonly K[],
): fault is Extract<F, { kind: K }> {
  return kinds.some((kind) => kind === fault.kind)
}
