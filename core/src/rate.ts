import { OnSignupError } from './errors.ts'

const PERIODS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** What a rate looks like, for JSON Schema too: `10/s`, `200/m`, `1000/h`, `5000/d`. */
export const RATE = /^([1-9]\d{0,8})\/(s|m|h|d)$/

const isPeriod = (text: string | undefined): text is keyof typeof PERIODS =>
  text !== undefined && text in PERIODS

/** Milliseconds between two at a rate; throws `rate_invalid`. */
export const intervalOf = (rate: string): number => {
  const [, count, period] = RATE.exec(rate) ?? []
  if (!isPeriod(period)) {
    throw new OnSignupError('rate_invalid', `"${rate}" is not a rate`, {
      mend: 'write a number, a stroke and a unit, as 10/s, 200/m or 5000/d',
    })
  }
  return PERIODS[period] / Number(count)
}

/** How fast a bucket lets attempts through. */
export interface BucketLimit {
  /** Attempts that name the same bucket share it. */
  readonly bucket: string
  /** Milliseconds from one to the next. */
  readonly interval: number
  /** How many may go at once after a quiet time. */
  readonly burst: number
}
