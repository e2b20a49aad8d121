import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const known = ['email', 'emailVerified', 'phone']

test.each([
  ['emial', 'email'],
  ['Email', 'email'],
  ['EMAILVERIFIED', 'emailVerified'],
  ['phon', 'phone'],
  ['emailVerifed', 'emailVerified'],
])('%s was probably meant to be %s', (written, meant) => {
  expect(nearest(written, known)).toBe(meant)
})

test.each(['address', 'x', ''])('%j is near to none', (written) => {
  expect(nearest(written, known)).toBeUndefined()
})

test('nothing is near when nothing is known', () => {
  expect(nearest('email', [])).toBeUndefined()
})
