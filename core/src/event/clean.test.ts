import { expect, test } from 'vitest'
import { cleanJson, DEEPEST } from './clean.ts'

test.each(['"__proto__"', '"__proto__\\u0000"', '"__pro\\u0000to__"'])(
  'the key %s sets no prototype of the copy',
  (key) => {
    const copy = cleanJson(JSON.parse(`{${key}:{"isAdmin":true},"kept":1}`))
    expect(copy).toEqual({ kept: 1 })
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  },
)

test('what JSON has stays as it is', () => {
  const value = {
    text: 'ä😀',
    number: 1.5,
    yes: true,
    no: null,
    list: [1, [2], {}],
    inner: { a: { b: 'c' } },
  }
  expect(cleanJson(value)).toEqual(value)
})

test('members that are undefined are left out, and dates are as JSON has them', () => {
  const copy = cleanJson({ gone: undefined, at: new Date(0) })
  expect(copy).toStrictEqual({ at: '1970-01-01T00:00:00.000Z' })
})

test('what is too deep is undefined as a whole, wherever it is', () => {
  let deep: unknown = 1
  for (let level = 0; level <= DEEPEST; level += 1) deep = [deep]
  expect(cleanJson({ shallow: 1, list: [{ deep }] })).toBeUndefined()
})
