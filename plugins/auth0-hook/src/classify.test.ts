import { describe, expect, test } from 'vitest'
import { runOnce } from './test-support.ts'

const action = (body: string): string => `exports.onExecutePostUserRegistration = async () => { ${body} }`
const hook = (body: string): string => `module.exports = (user, context, cb) => { ${body} }`

const FOREVER = 'await new Promise((resolve) => setInterval(() => {}, 1_000))'
const NEVER = 'await new Promise(() => {})'

describe('an Action, which has no cb,', () => {
  test.each([
    [
      'is still at work at its timeout',
      FOREVER,
      { timeout: '300ms' },
      {
        kind: 'unknown',
        code: 'hook_timeout',
        mend: 'its promise had not settled: have it finish sooner, or raise with.timeout',
      },
    ],
    [
      'ends its process',
      'process.exit(3)',
      {},
      { kind: 'unknown', code: 'hook_exited', mend: 'have it return in place of ending its process' },
    ],
    [
      'waits for what never comes',
      NEVER,
      {},
      { kind: 'delivered', output: 'onsignup: it ended before its promise had settled\n' },
    ],
    [
      'waits for what never comes and is to be tried again',
      NEVER,
      { on_no_callback: 'retry' },
      {
        kind: 'retry',
        code: 'hook_no_callback',
        message: 'the action ended before its promise had settled',
        mend: 'have what it awaits settle on every way, or write on_no_callback: delivered',
      },
    ],
  ])('and %s is told so in its own words', async (_what, body, options, outcome) => {
    const told = await runOnce(action(body), { with: options })
    expect(told).toMatchObject(outcome)
    expect(JSON.stringify(told)).not.toMatch(/\bcb\b/)
  })
})

test('a Hook that is still at work at its timeout is told to call cb', async () => {
  expect(await runOnce(hook('setInterval(() => {}, 1_000)'), { with: { timeout: '300ms' } })).toMatchObject({
    code: 'hook_timeout',
    mend: 'have it call cb sooner, or raise with.timeout',
  })
})
