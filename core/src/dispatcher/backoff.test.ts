import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../settings.ts'
import { backoff } from './backoff.ts'

const { retry } = DEFAULT_SETTINGS
const longest = (failures: number) => backoff(failures, retry, () => 1)

test('the longest wait doubles with each failure, up to its limit', () => {
  expect([1, 2, 3, 4].map(longest)).toEqual([2_000, 4_000, 8_000, 16_000])
  expect(longest(12)).toBe(retry.max)
  expect(longest(100_000), 'however many, it is a number').toBe(retry.max)
})

test('the wait is drawn from nothing to the longest, in whole milliseconds', () => {
  expect(backoff(1, retry, () => 0)).toBe(0)
  expect(backoff(1, retry, () => 0.5)).toBe(1_000)
  expect(backoff(1, retry, () => 0.333_333)).toBe(667)
})

test('with a factor of 1 the waits stay as long', () => {
  expect([1, 5].map((failures) => backoff(failures, { ...retry, factor: 1 }, () => 1))).toEqual([
    2_000, 2_000,
  ])
})

test('before any failure the wait is that after the first', () => {
  expect(longest(0)).toBe(longest(1))
})
