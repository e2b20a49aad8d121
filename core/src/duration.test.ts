import { expect, test } from 'vitest'
import { formatDuration, milliseconds } from './duration.ts'

test.each([
  ['250ms', 250],
  ['10s', 10_000],
  ['1.5s', 1_500],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['0s', 0],
])('%s is %d milliseconds', (written, ms) => {
  expect(milliseconds(written)).toBe(ms)
})

test.each(['', '10', 's', '10 s', '-1s', '1e3s', '1w', '10S', '.5s', '1h30m', '10s\n'])(
  '%j is no duration, and the error says what is',
  (written) => {
    expect(() => milliseconds(written)).toThrow(
      expect.objectContaining({
        code: 'duration_invalid',
        message: `"${written}" is not a duration`,
        mend: expect.stringContaining('as 10s, 5m or 1h'),
      }),
    )
  },
)

test.each([
  [0, '0ms'],
  [250, '250ms'],
  [1_000, '1s'],
  [90_000, '90s'],
  [86_400_000, '1d'],
  [86_460_000, '1441m'],
  [1_234, '1.2s'],
  [86_412_345, '1d'],
  [5_400_001, '1.5h'],
])('%d milliseconds are written %s', (ms, written) => {
  expect(formatDuration(ms)).toBe(written)
})
