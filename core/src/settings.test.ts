import { expect, test } from 'vitest'
import { z } from 'zod'
import { DEFAULT_SETTINGS, resolveSettings, settingsSchema, type Settings } from './settings.ts'

test('nothing said is the defaults', () => {
  expect(resolveSettings()).toEqual(DEFAULT_SETTINGS)
})

test("the configuration wins over the plugin's defaults, member by member", () => {
  const settings = resolveSettings(
    { timeout: '1s', retry: { max_attempts: 3 } },
    { timeout: '30s', concurrency: 1, retry: { max_attempts: 5, max: '1m' } },
  )
  expect(settings).toEqual({
    ...DEFAULT_SETTINGS,
    timeout: 1_000,
    concurrency: 1,
    retry: { ...DEFAULT_SETTINGS.retry, max_attempts: 3, max: 60_000 },
  })
})

const CHANGED: readonly Settings[] = [
  { timeout: '1s' },
  { concurrency: 1 },
  { retry: { max_attempts: 1 } },
  { retry: { max_age: '1h' } },
  { retry: { initial: '1s' } },
  { retry: { factor: 1 } },
  { retry: { max: '1s' } },
  { rate: '10/s' },
  { batch: { max_records: 2 } },
  { batch: { max_wait: '1s' } },
  { on_unknown: 'hold' },
  { unknown_repeats: 0 },
  { on_test: 'deliver' },
]

test.each(CHANGED)('%j changes what is resolved, from the configuration and from the plugin', (changed) => {
  expect(resolveSettings(changed)).not.toEqual(DEFAULT_SETTINGS)
  expect(resolveSettings(undefined, changed)).toEqual(resolveSettings(changed))
})

test('every setting is in the table above', () => {
  const { properties } = z.object(settingsSchema.shape).toJSONSchema({ io: 'input' })
  const names = Object.entries(properties ?? {}).flatMap(([name, node]) =>
    typeof node === 'object' && node.properties !== undefined
      ? Object.keys(node.properties).map((inner) => `${name}.${inner}`)
      : [name],
  )
  const changed = CHANGED.flatMap((settings) =>
    Object.entries(settings).flatMap(([name, value]) =>
      typeof value === 'object' ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name],
    ),
  )
  expect(changed.toSorted()).toEqual(names.toSorted())
})

test('a rate is an interval, and all else of it has a default', () => {
  expect(resolveSettings({ rate: '10/s' }).rate).toEqual({ interval: 100, burst: 1, key: null, bucket: null })
  const whole = { limit: '30/m', burst: 5, key: '{{ user.tenant }}', bucket: 'org' }
  expect(resolveSettings({ rate: whole }, { rate: '1/s' }).rate).toEqual({
    interval: 2_000,
    burst: 5,
    key: '{{ user.tenant }}',
    bucket: 'org',
  })
})

test.each([
  [{ rate: '10' }, 'rate: '],
  [{ rate: { limit: '1/s', burst: 0 } }, 'rate'],
  [{ rate: { limit: '1/s', bucket: 'My Org' } }, 'rate'],
  [{ timeout: '10' }, 'timeout: write a duration'],
  [{ timeout: '0s' }, 'timeout: it must be longer than 0'],
  [{ retry: { max_attempts: 0 } }, 'retry.max_attempts'],
  [{ retry: { factor: 0.5 } }, 'retry.factor'],
  [{ concurrency: 1.5 }, 'concurrency'],
  [{ batch: { max_records: 20_000 } }, 'batch.max_records'],
  [{ unknown_repeats: -1 }, 'unknown_repeats'],
  [{ concurrency: 0, unknown_repeats: -1 }, 'unknown_repeats'],
])('%j is refused with its path', (settings, said) => {
  expect(() => resolveSettings(settings)).toThrow(
    expect.objectContaining({ code: 'options_invalid', message: expect.stringContaining(said) }),
  )
})

test('a setting that is not known is refused, not ignored', () => {
  const misspelt = { timeout: '1s', timout: '1s' }
  expect(() => resolveSettings(misspelt)).toThrow(expect.objectContaining({ code: 'options_invalid' }))
})
