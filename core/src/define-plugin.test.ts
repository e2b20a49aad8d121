import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { CONTRACT_VERSION, PLUGIN } from './contract.ts'
import { definePlugin, isPlugin } from './define-plugin.ts'

const hello = definePlugin({
  name: 'hello',
  options: z.strictObject({ greeting: z.string().default('Hello') }),
  connect(options) {
    expectTypeOf(options).toEqualTypeOf<{ greeting: string }>()
    return { postUserRegistration() {} }
  },
})

test('a plugin is frozen and carries the version of the contract it was built against', () => {
  expect(Object.isFrozen(hello)).toBe(true)
  expect(hello[PLUGIN]).toBe(CONTRACT_VERSION)
  expect(isPlugin(hello)).toBe(true)
})

test.each([[{ name: 'x' }], [null], [undefined], [() => {}], ['slack']])('%o is no plugin', (value) => {
  expect(isPlugin(value)).toBe(false)
})
