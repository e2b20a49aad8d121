/** Rows that one commit changes at most of many, so that others can write between. */
export const SLICE = 1_000

/** What one slice did: how many rows it met, and the last of them. */
export interface Slice {
  readonly count: number
  readonly last: number
}

/** Runs slices, each from where the last one ended, until one is not full, or until `stop` aborts. */
export const inSlices = async (
  next: (after: number) => Promise<Slice>,
  stop?: AbortSignal,
): Promise<void> => {
  let after = 0
  for (;;) {
    const { count, last } = await next(after)
    if (count < SLICE || stop?.aborted) return
    after = last
  }
}
