import { OnSignupError } from './errors.ts'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A length of time, as `250ms`, `10s`, `5m`, `1h`, `7d`. */
export type Duration = `${number}${keyof typeof UNITS}`

/** What a duration looks like, for JSON Schema too. */
export const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

const isUnit = (unit: string | undefined): unit is keyof typeof UNITS => unit !== undefined && unit in UNITS

/** Milliseconds of a duration; throws `duration_invalid`. */
export const milliseconds = (duration: string): number => {
  const [, amount, unit] = DURATION.exec(duration) ?? []
  if (!isUnit(unit)) {
    throw new OnSignupError('duration_invalid', `"${duration}" is not a duration`, {
      mend: 'write a number and a unit, as 10s, 5m or 1h',
    })
  }
  return Number(amount) * UNITS[unit]
}

/** Milliseconds as people write them: exact where one unit does, else to a tenth of the largest that fits. */
export const formatDuration = (ms: number): string => {
  const fitting = (['d', 'h', 'm', 's'] as const).filter((unit) => ms >= UNITS[unit])
  const unit = fitting.find((candidate) => ms % UNITS[candidate] === 0) ?? fitting[0]
  return unit === undefined ? `${Math.round(ms)}ms` : `${Number((ms / UNITS[unit]).toFixed(1))}${unit}`
}
