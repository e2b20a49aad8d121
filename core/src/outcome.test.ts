import { expect, test, vi } from 'vitest'
import { isPlugin } from './define-plugin.ts'
import { delivered, Failure, misconfigured, rejected, retry, skipped, throttled, unknown } from './outcome.ts'

test.each([
  ['retry', retry],
  ['throttled', throttled],
  ['misconfigured', misconfigured],
  ['rejected', rejected],
  ['unknown', unknown],
] as const)(
  '%s() makes an error of that kind, whose code is the kind unless another is given',
  (kind, make) => {
    const cause = new Error('why')
    const failure = make('what happened', { cause })
    expect(failure).toBeInstanceOf(Error)
    expect(failure).toMatchObject({ kind, code: kind, message: 'what happened', cause, pause: true })
    expect(make('x', { code: 'E1', mend: 'do', after: 5, pause: false })).toMatchObject({
      code: 'E1',
      mend: 'do',
      after: 5,
      pause: false,
    })
  },
)

test('a failure without a cause has none, so that nothing prints an empty one', () => {
  expect('cause' in retry('x')).toBe(false)
})

test('success is a plain object, with a detail only when there is one', () => {
  expect(delivered()).toEqual({ kind: 'delivered' })
  expect('detail' in delivered()).toBe(false)
  expect(delivered('ts 1')).toEqual({ kind: 'delivered', detail: 'ts 1' })
  expect(skipped('nobody to tell')).toEqual({ kind: 'skipped', reason: 'nobody to tell' })
})

test('two copies of the package know each other by failures and plugins', async () => {
  vi.resetModules()
  const other = await import('./outcome.ts')
  expect(other.Failure).not.toBe(Failure)
  expect(Failure.is(other.rejected('no'))).toBe(true)
  expect(other.Failure.is(rejected('no'))).toBe(true)
  const { definePlugin } = await import('./define-plugin.ts')
  const { z } = await import('zod')
  const plugin = definePlugin({
    name: 'x',
    options: z.object({}),
    connect: () => ({ postUserRegistration() {} }),
  })
  expect(isPlugin(plugin)).toBe(true)
})

test.each([[new Error('x')], [{ kind: 'retry' }], [null], [undefined], ['retry'], [delivered()]])(
  '%j is no failure',
  (value) => {
    expect(Failure.is(value)).toBe(false)
  },
)
