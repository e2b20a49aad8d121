import { expect, test } from 'vitest'
import { Buckets } from './buckets.ts'

const START = 1_000_000

const limit = (over: { bucket?: string; interval?: number; burst?: number } = {}) => ({
  bucket: 'a',
  interval: 100,
  burst: 1,
  ...over,
})

const turns = (buckets: Buckets, count: number, at: number, from: ReturnType<typeof limit>) =>
  Array.from({ length: count }, () => buckets.take(from, START + at) - START)

test('places are evenly spread, and the first is not at the very beginning', () => {
  const buckets = new Buckets(START)
  expect(turns(buckets, 4, 0, limit())).toEqual([100, 200, 300, 400])
  expect(turns(buckets, 2, 10_000, limit())).toEqual([10_000, 10_100])
})

test('after a quiet time as many as the burst go at once', () => {
  const buckets = new Buckets(START)
  expect(turns(buckets, 5, 10_000, limit({ burst: 3 }))).toEqual([10_000, 10_000, 10_000, 10_100, 10_200])
  expect(turns(buckets, 2, 10_400, limit({ burst: 3 }))).toEqual([10_400, 10_400])
})

test('each bucket has places of its own', () => {
  const buckets = new Buckets(START)
  const slow = limit({ bucket: 'slow', interval: 1_000 })
  expect(turns(buckets, 2, 5_000, slow)).toEqual([5_000, 6_000])
  expect(turns(buckets, 1, 5_000, limit())).toEqual([5_000])
  expect(buckets.soonest(slow, START + 5_000)).toBe(START + 7_000)
})

test('places that are given back are given out again', () => {
  const buckets = new Buckets(START)
  turns(buckets, 10, 5_000, limit())
  buckets.giveBack(limit(), 8)
  expect(turns(buckets, 1, 5_000, limit())).toEqual([5_200])
})

test('a bucket of which nobody asked for long is forgotten, and is full', () => {
  const buckets = new Buckets(START)
  for (let key = 0; key < 20_002; key += 1) turns(buckets, 1, 1_000 + key, limit({ bucket: `key ${key}` }))
  expect(turns(buckets, 1, 30_000, limit({ bucket: 'key 1' }))).toEqual([30_000])
})
