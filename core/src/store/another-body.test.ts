import { expect, test } from 'vitest'
import { attempt } from '../testing/store-cases/bench.ts'
import { anotherBody } from './another-body.ts'
import type { AttemptRecord } from './port.ts'

type Told = readonly [run: number, outcome: AttemptRecord['outcome'], sent?: string]

/** For each row of a history, whether its attempt sent another body. */
const marks = (...told: readonly Told[]) => {
  const history = told.map(([run, outcome, sent]) =>
    attempt(run, { outcome, ...(sent !== undefined && { sent }) }),
  )
  const another = anotherBody(history)
  return history.map((row) => another.has(row))
}

test.each([
  [
    'the same body each time',
    [
      [1, 'retry', 'a'],
      [2, 'delivered', 'a'],
    ],
    [false, false],
  ],
  [
    'another body at the second',
    [
      [1, 'retry', 'a'],
      [2, 'delivered', 'b'],
    ],
    [false, true],
  ],
  [
    'another body, and the first again',
    [
      [1, 'retry', 'a'],
      [2, 'retry', 'b'],
      [3, 'retry', 'a'],
    ],
    [false, true, true],
  ],
  [
    'nothing told',
    [
      [1, 'retry'],
      [2, 'delivered'],
    ],
    [false, false],
  ],
  [
    'told from the second on',
    [
      [1, 'retry'],
      [2, 'delivered', 'b'],
    ],
    [false, false],
  ],
  [
    'one between that told nothing',
    [
      [1, 'retry', 'a'],
      [2, 'lost'],
      [4, 'delivered', 'b'],
    ],
    [false, false, true],
  ],
  [
    'delivered, and forced under a new key',
    [
      [1, 'delivered', 'a'],
      [3, 'delivered', 'b'],
    ],
    [false, false],
  ],
  [
    'a late delivery, under the same key',
    [
      [1, 'unknown', 'a'],
      [1, 'delivered', 'a'],
      [2, 'delivered', 'b'],
    ],
    [false, false, true],
  ],
  [
    'late after the next run',
    [
      [1, 'unknown', 'a'],
      [2, 'retry', 'a'],
      [1, 'delivered', 'a'],
      [3, 'retry', 'a'],
    ],
    [false, false, false, false],
  ],
  ['a history of nothing', [], []],
] as const)('of %s, those that differ are told', (_what, history, expected) => {
  expect(marks(...history)).toEqual(expected)
})
