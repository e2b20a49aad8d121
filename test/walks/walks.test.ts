import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { MUTATIONS } from './mutations.ts'
import { walk } from './walk.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
const MUTATE = join(import.meta.dirname, 'mutate.ts')

test('sixty random walks of sign-ups, faults, crashes and commands break no promise', async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const { broken, trace } = await walk(seed)
    expect(broken, `seed ${seed}: ${trace.join('; ')}`).toBeNull()
  }
})

test.each([
  [403_518, 'a connector was given a live registration though it had been given the historical one'],
  [503_380, 'a gate stayed closed since its canary was forgotten between the store and its start'],
])('the walk of seed %s breaks no promise any more: %s', async (seed) => {
  expect((await walk(seed)).broken).toBeNull()
})

// The others are slower to show; `npx -y pnpm@12 walks --mutations` takes out every one.
const QUICK = ['3: begin', '5: on_unknown', '7: the run rises', '1: a registration', '19: a rate limit']

test.each(QUICK)('the walks notice an engine without the rule %s', async (rule) => {
  const index = MUTATIONS.findIndex((mutation) => mutation.rule.startsWith(rule))
  const args = ['--import', MUTATE, MAIN, '--walks', '50']
  const env = { ...process.env, MUTATION: String(index) }
  const failed = promisify(execFile)(process.execPath, args, { env })
  await expect(failed).rejects.toMatchObject({ code: 1, stdout: expect.stringMatching(/^seed \d+ broke /) })
})
