/** The far side has it. */
export interface Delivered {
  readonly kind: 'delivered'
  /** Shown in the history, as a message's timestamp or a record's id. */
  readonly detail?: string
  readonly output?: string
}

/** Nothing was to be done. */
export interface Skipped {
  readonly kind: 'skipped'
  readonly reason: string
  readonly output?: string
}

export interface OutcomeOptions {
  /**
   * What the attempt printed, in lines; kept beside its row in the history, of which it is no part. Its secrets are
   * taken out, and of a long one the first 64 Ki characters are kept.
   */
  readonly output?: string
}

export type FailureKind = 'retry' | 'throttled' | 'misconfigured' | 'rejected' | 'unknown'

export interface FailureOptions extends OutcomeOptions {
  /** Stable, for scripts and docs: the far side's own code where it has one. Default: the kind. */
  readonly code?: string
  /** What the operator should do. */
  readonly mend?: string
  readonly cause?: unknown
  /** Milliseconds until the far side wants to be asked again. */
  readonly after?: number
  /** Of a throttled attempt: whether the whole connector waits (the default) or this delivery alone. */
  readonly pause?: boolean
  /**
   * Of a throttled attempt: the bucket of its `limits` that the far side means, so that every connector that shares it
   * waits too.
   */
  readonly bucket?: string
}

const FAILURE = Symbol.for('onsignup.failure')

/** An attempt that did not deliver: an Error, so that it may be returned or thrown. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly kind: FailureKind
  readonly code: string
  readonly mend: string | undefined
  readonly after: number | undefined
  readonly pause: boolean
  readonly bucket: string | undefined
  readonly output: string | undefined
  readonly [FAILURE] = true

  constructor(kind: FailureKind, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    // Far sides' codes are numbers too, and plugins in JavaScript hand them on.
    this.code = String(options.code ?? kind)
    this.mend = options.mend
    this.after = options.after
    this.pause = options.pause ?? true
    this.bucket = options.bucket
    this.output = options.output
  }

  /** Knows failures made by another copy of this package too. */
  static is(value: unknown): value is Failure {
    return value instanceof Error && FAILURE in value
  }
}

export type Outcome = Delivered | Skipped | Failure

export const delivered = (detail?: string, { output }: OutcomeOptions = {}): Delivered => ({
  kind: 'delivered',
  ...(detail !== undefined && { detail }),
  ...(output !== undefined && { output }),
})

export const skipped = (reason: string, { output }: OutcomeOptions = {}): Skipped => ({
  kind: 'skipped',
  reason,
  ...(output !== undefined && { output }),
})

/** The far side could not now: try again, counted, with backoff or after `after`. */
export const retry = (message: string, options?: FailureOptions): Failure =>
  new Failure('retry', message, options)

/** The far side limits the rate: try again after its time, not counted. */
export const throttled = (message: string, options?: FailureOptions): Failure =>
  new Failure('throttled', message, options)

/** No delivery of this connector can succeed until the operator mends something: the connector is parked. */
export const misconfigured = (message: string, options?: FailureOptions): Failure =>
  new Failure('misconfigured', message, options)

/** The far side refuses this event, now and always. */
export const rejected = (message: string, options?: FailureOptions): Failure =>
  new Failure('rejected', message, options)

/** Sent, but no answer came: it may have been delivered. */
export const unknown = (message: string, options?: FailureOptions): Failure =>
  new Failure('unknown', message, options)
