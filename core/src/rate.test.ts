import { expect, test } from 'vitest'
import { intervalOf } from './rate.ts'

test.each([
  ['10/s', 100],
  ['200/m', 300],
  ['3600/h', 1_000],
  ['1/d', 86_400_000],
])('%s is one every %d ms', (rate, interval) => {
  expect(intervalOf(rate)).toBe(interval)
})

test.each(['', '10', '0/s', '1.5/s', '-1/s', '10/sec', '10 /s', '/s', '10/ms'])('"%s" is no rate', (rate) => {
  expect(() => intervalOf(rate)).toThrow(
    expect.objectContaining({ code: 'rate_invalid', mend: expect.stringContaining('10/s') }),
  )
})
