import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import { Failure, OnSignupError } from '@onsignup/core'
import { recordingLogger, sampleEvent, testRun } from '@onsignup/core/testing'
import { describe, expect, test, vi } from 'vitest'
import { fromAuth0Hook, type Auth0Hook, type FromAuth0HookOptions } from './index.ts'

const runHook = async (hook: Auth0Hook, options?: FromAuth0HookOptions, signal?: AbortSignal) => {
  const logger = recordingLogger()
  const run = testRun({ connector: 'legacy', logger, ...(signal && { signal }) })
  const outcome = await fromAuth0Hook(hook, options)(sampleEvent(), run)
  return { outcome, lines: logger.lines }
}

const delivered = { kind: 'delivered' }

/** Everything of an outcome that anybody may be shown, causes and their fields included. */
const shown = (outcome: unknown): string => inspect(outcome, { depth: 10, showHidden: true })

describe('a Hook', () => {
  test('of the starter code is delivered, with its answer', async () => {
    const module: { exports?: Auth0Hook } = {}
    module.exports = function (user, context, cb) {
      cb(null, { slack_notified: true })
    }
    const { outcome, lines } = await runHook(module.exports)
    expect(outcome).toEqual({ kind: 'delivered', detail: '{"slack_notified":true}' })
    expect(lines).toEqual([])
  })

  test('gets the user, the context and the connector in its place', async () => {
    const seen: unknown[] = []
    await runHook(
      (user, context, cb) => {
        seen.push(
          user.email,
          context.webtask.id,
          context.webtask.data['KEY'],
          context.webtask.meta['hook-name'],
        )
        cb()
      },
      { secrets: { KEY: 'a secret' } },
    )
    expect(seen).toEqual(['user1@foo.com', 'key-1', 'a secret', 'legacy'])
  })

  test.each<readonly [string, Auth0Hook, string | undefined]>([
    ['cb()', (_user, _context, cb) => cb(), undefined],
    ['cb(null)', (_user, _context, cb) => cb(null), undefined],
    ['cb(null, {})', (_user, _context, cb) => cb(null, {}), undefined],
    ['cb(null, text)', (_user, _context, cb) => cb(null, 'str'), '"str"'],
    ['cb(null, user, context), as old samples do', (user, context, cb) => cb(null, user, context), undefined],
    ['cb(null, context)', (_user, context, cb) => cb(null, context), undefined],
    ['cb(null, what JSON cannot say)', (_user, _context, cb) => cb(null, { n: 1n }), '{ n: 1n }'],
    ['cb(null, function)', (_user, _context, cb) => cb(null, () => {}), undefined],
    ['cb(false)', (_user, _context, cb) => cb(false), undefined],
    ['cb later', (_user, _context, cb) => void setTimeout(cb, 5, null, 1), '1'],
    ['cb from an async function', async (_user, _context, cb) => cb(null, 2), '2'],
    ['cb from a promise', (_user, _context, cb) => Promise.resolve().then(() => cb(null, 3)), '3'],
    ['an async function without cb', async () => 'ignored', undefined],
    ['a function of no arguments', () => 'ignored', undefined],
    ['a function of one argument', (user) => void user.email, undefined],
    ['a function of two arguments', (_user, context) => void context.connection, undefined],
  ])('with %s is delivered', async (_what, hook, detail) => {
    const { outcome, lines } = await runHook(hook)
    expect(outcome).toEqual(detail === undefined ? delivered : { ...delivered, detail })
    expect(lines).toEqual([])
  })

  test('that answers with a circle is delivered', async () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect((await runHook((_user, _context, cb) => cb(null, circle))).outcome).toEqual({
      ...delivered,
      detail: '<ref *1> { self: [Circular *1] }',
    })
  })

  test('that answers at length is kept short', async () => {
    const { outcome } = await runHook((_user, _context, cb) => cb(null, { text: 'x'.repeat(100_000) }))
    expect(JSON.stringify(outcome).length).toBeLessThan(600)
  })

  test('that is async and takes a callback that it does not call is delivered with a warning', async () => {
    const { outcome, lines } = await runHook(async (_user, _context, _cb) => {})
    expect(outcome).toEqual(delivered)
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('without calling cb') }])
  })
})

describe('a Hook that fails', () => {
  const coded = Object.assign(new Error('down'), { code: 'ECONNREFUSED' })
  test.each<readonly [string, Auth0Hook, string, string]>([
    ['cb(Error)', (_user, _context, cb) => cb(new Error('x')), 'the hook failed: x', 'hook_failed'],
    ['cb(Error with a code)', (_user, _context, cb) => cb(coded), 'the hook failed: down', 'ECONNREFUSED'],
    ['cb(text)', (_user, _context, cb) => cb('text'), 'the hook failed: text', 'hook_failed'],
    [
      'cb(object)',
      (_user, _context, cb) => cb({ message: 'm', code: 7 }),
      'the hook failed: m',
      'hook_failed',
    ],
    [
      'cb({})',
      (_user, _context, cb) => cb({}),
      'the hook failed: an object without a message',
      'hook_failed',
    ],
    ['cb(true)', (_user, _context, cb) => cb(true), 'the hook failed: true', 'hook_failed'],
    [
      'a throw',
      () => {
        throw new TypeError('t')
      },
      'the hook threw: t',
      'hook_failed',
    ],
    [
      'a rejection',
      async () => {
        throw new Error('r')
      },
      'the hook threw: r',
      'hook_failed',
    ],
    ['a rejection with nothing', () => Promise.reject(undefined), 'the hook threw: undefined', 'hook_failed'],
  ])('with %s is tried again', async (_what, hook, message, code) => {
    expect((await runHook(hook)).outcome).toMatchObject({ kind: 'retry', message, code })
  })

  test('with an error that cannot be read is tried again', async () => {
    const trap = new Proxy(
      {},
      {
        get() {
          throw new Error('trap')
        },
        has: () => true,
      },
    )
    expect((await runHook((_user, _context, cb) => cb(trap))).outcome).toMatchObject({ kind: 'retry' })
  })

  test('never tells the request of an axios error, nor its secrets', async () => {
    const secrets = { SLACK_HOOK: 'https://hooks.example/services/T0/B0/verysecret', TOKEN: 'tok/en+1' }
    const { outcome } = await runHook(
      (_user, { webtask }, cb) => {
        const token = webtask.secrets['TOKEN'] ?? ''
        const error = new Error(
          `request to ${webtask.secrets['SLACK_HOOK']} with ${encodeURIComponent(token)} failed`,
        )
        cb(
          Object.assign(error, {
            config: { headers: { Authorization: 'Bearer abc.def' }, data: 'body' },
            request: { path: '/x' },
            response: { data: 'Bearer abc.def' },
          }),
        )
      },
      { secrets },
    )
    expect(outcome).toMatchObject({
      kind: 'retry',
      message: expect.stringContaining('request to [secret] with [secret] failed'),
    })
    for (const hidden of ['verysecret', 'tok', 'Authorization', 'abc.def', '"body"']) {
      expect(shown(outcome)).not.toContain(hidden)
    }
  })

  test('is told without a token that follows Bearer, and cut short', async () => {
    const { outcome } = await runHook((_user, _context, cb) => cb(`Bearer abc.def ${'x'.repeat(10_000)}`))
    expect(shown(outcome)).toContain('Bearer [secret] x')
    expect(outcome instanceof Failure && outcome.message.length).toBeLessThan(600)
  })

  test('an answer holds no secret either', async () => {
    const { outcome } = await runHook((_user, { webtask }, cb) => cb(null, { all: webtask.secrets }), {
      secrets: { TOKEN: 'very"secret' },
    })
    expect(outcome).toMatchObject({ kind: 'delivered', detail: '{"all":{"TOKEN":"[secret]"}}' })
  })
})

describe('the first end wins', () => {
  test.each<readonly [string, Auth0Hook]>([
    [
      'a second cb with an error',
      (_user, _context, cb) => {
        cb(null, 1)
        cb(new Error('late'))
      },
    ],
    [
      'a throw',
      (_user, _context, cb) => {
        cb(null, 1)
        throw new Error('late')
      },
    ],
    [
      'a rejection',
      async (_user, _context, cb) => {
        cb(null, 1)
        throw new Error('late')
      },
    ],
    [
      'a rejection, later',
      async (_user, _context, cb) => {
        cb(null, 1)
        await turn()
        throw new Error('late')
      },
    ],
  ])('%s after cb is logged and changes nothing', async (_what, hook) => {
    const { outcome, lines } = await runHook(hook)
    expect(outcome).toEqual({ kind: 'delivered', detail: '1' })
    const warning = { level: 'warn', message: 'the hook failed after it had ended: late' }
    await vi.waitFor(() => expect(lines).toMatchObject([warning]))
  })

  test('a second cb without an error is nothing to tell', async () => {
    const { outcome, lines } = await runHook((_user, _context, cb) => {
      cb(null, 1)
      cb(null, 2)
    })
    expect(outcome).toEqual({ kind: 'delivered', detail: '1' })
    expect(lines).toEqual([])
  })

  test('an error first stays an error', async () => {
    const { outcome } = await runHook((_user, _context, cb) => {
      cb(new Error('first'))
      cb(null, 2)
    })
    expect(outcome).toMatchObject({ kind: 'retry', message: 'the hook failed: first' })
  })
})

describe('a Hook that does not end', () => {
  test.each<readonly [string, Auth0Hook]>([
    ['never calls back', (_user, _context, _cb) => {}],
    ['waits for ever', () => new Promise(() => {})],
  ])('because it %s is stopped by the signal, and may have done its work', async (_what, hook) => {
    const { outcome } = await runHook(hook, {}, AbortSignal.timeout(30))
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'hook_timeout' })
  })

  test('and fails after that is logged', async () => {
    const deadline = new AbortController()
    const work = Promise.withResolvers<void>()
    const { outcome, lines } = await runHook(
      () => {
        deadline.abort()
        return work.promise
      },
      {},
      deadline.signal,
    )
    expect(outcome).toMatchObject({ kind: 'unknown' })
    expect(lines).toEqual([])
    work.reject(new Error('late'))
    await vi.waitFor(() => expect(lines).toMatchObject([{ level: 'warn' }]))
  })

  test('is not called when the signal has gone before', async () => {
    let called = false
    const { outcome } = await runHook(
      () => {
        called = true
      },
      {},
      AbortSignal.abort(),
    )
    expect(outcome).toMatchObject({ kind: 'retry' })
    expect(called).toBe(false)
  })
})

test('what is no function is refused at once', () => {
  const wrong: unknown = { handler: true }
  expect(() => Reflect.apply(fromAuth0Hook, undefined, [wrong])).toThrow(OnSignupError)
})
