import { expect, test } from 'vitest'
import { seeded } from '../kills/random.ts'
import { ratioOf, type Round } from './compare.ts'

const rounds = (slower: number): readonly Round[] => {
  const random = seeded(7)
  const times = (factor: number) => Array.from({ length: 100 }, () => factor * (2 + 8 * random() ** 3))
  return Array.from({ length: 40 }, () => ({ alone: times(1), hanging: times(slower) }))
}

test.each([
  [1, 0.9, 1.1],
  [1.5, 1.35, 1.65],
])('a p99 that is %s times as long is told from another', (slower, least, most) => {
  const { ratio, from, to } = ratioOf(rounds(slower))
  expect(ratio).toBeGreaterThan(from)
  expect(ratio).toBeLessThan(to)
  expect(from).toBeGreaterThan(least)
  expect(to).toBeLessThan(most)
})

test('one round that is slow for another reason widens the range, and decides nothing', () => {
  const disturbed = { alone: [2], hanging: Array.from({ length: 100 }, () => 40) }
  const { ratio, to } = ratioOf([...rounds(1), disturbed])
  expect(ratio).toBeLessThan(to)
  expect(to).toBeGreaterThan(2)
})
