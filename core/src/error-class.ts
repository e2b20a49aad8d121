import type { FailureKind } from './outcome.ts'

/** What a far side's signals mean here; a plugin's own data, from which its page of the docs is made. */
export interface ErrorClass {
  /** Codes as they stand in a delivery's history, or words for what has no code. */
  readonly signals: readonly string[]
  readonly kind: FailureKind | 'skipped'
  /** What is different from the kind's usual. */
  readonly note?: string
  /** What the operator should do. */
  readonly mend?: string
}
