import { percentile } from './statistics.ts'

export interface Load {
  /** Callers that each wait for an answer before they ask again. */
  readonly callers: number
  /** The first number to ask for, and how many. */
  readonly from: number
  readonly count: number
}

export interface Loaded {
  readonly perSecond: number
  /** Milliseconds that a caller waited. */
  readonly p50: number
  readonly p99: number
}

/** Asks for each number once. */
export const closedLoop = async (
  { callers, from, count }: Load,
  ask: (n: number) => Promise<unknown>,
): Promise<Loaded> => {
  const waited: number[] = []
  let next = from
  const call = async (): Promise<void> => {
    while (next < from + count) {
      const n = next
      next += 1
      const asked = performance.now()
      await ask(n)
      waited.push(performance.now() - asked)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: callers }, call))
  const seconds = (performance.now() - began) / 1_000
  return { perSecond: count / seconds, p50: percentile(waited, 0.5), p99: percentile(waited, 0.99) }
}
