import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { runOnce } from './test-support.ts'
import { tellError, wordsOf } from './told.ts'

const told = (error: unknown) => tellError(wordsOf(error), (text) => text.replaceAll('hunter2', '***'))

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' })

describe('an error that was caused by another', () => {
  test.each<readonly [string, unknown, string, string | undefined]>([
    ['says why', refused, 'fetch failed: connect ECONNREFUSED 127.0.0.1:9', 'ECONNREFUSED'],
    [
      'of many, as Node’s own of several addresses, says their code',
      Object.assign(new AggregateError([refused, refused]), { code: 'ECONNREFUSED' }),
      'fetch failed: ECONNREFUSED',
      'ECONNREFUSED',
    ],
    ['that is a text says it', 'the far side is closed', 'fetch failed: the far side is closed', undefined],
    ['that says the same says it once', new Error('fetch failed'), 'fetch failed', undefined],
    ['that says nothing is left alone', {}, 'fetch failed', undefined],
    [
      'that was caused itself says the innermost',
      new TypeError('no answer', { cause: new Error('no socket', { cause: refused }) }),
      'fetch failed: connect ECONNREFUSED 127.0.0.1:9',
      'ECONNREFUSED',
    ],
    [
      'whose own cause says nothing says itself',
      Object.assign(new Error('reset', { cause: {} }), { code: 'ECONNRESET' }),
      'fetch failed: reset',
      'ECONNRESET',
    ],
    [
      'whose own cause has no code keeps its code',
      Object.assign(new Error('reset', { cause: 'the far side is closed' }), { code: 'ECONNRESET' }),
      'fetch failed: the far side is closed',
      'ECONNRESET',
    ],
    ['that holds a secret loses it', new Error('token hunter2'), 'fetch failed: token ***', undefined],
  ])('%s', (_what, cause, message, code) => {
    expect(told(new TypeError('fetch failed', { cause }))).toMatchObject({ message, code })
  })

  test('keeps its own code', () => {
    const error = Object.assign(new Error('no', { cause: refused }), { code: 'E_OWN' })
    expect(told(error)).toMatchObject({ code: 'E_OWN' })
  })

  test('and caused that one in turn ends', () => {
    const one = new Error('one')
    const other = new Error('other', { cause: one })
    one.cause = other
    expect(told(one)).toMatchObject({ message: 'one: other' })
  })

  test('without an end is followed for a while', () => {
    const endless = (depth: number): Error =>
      Object.defineProperty(new Error(`cause ${depth}`), 'cause', { get: () => endless(depth + 1) })
    expect(told(endless(0)).message).toMatch(/^cause 0: cause \d+$/)
  })

  test('that throws when it is asked for its own cause says itself', () => {
    const cause = Object.defineProperty(new Error('why'), 'cause', {
      get: () => {
        throw new Error('not this way')
      },
    })
    expect(told(new Error('x', { cause }))).toMatchObject({ message: 'x: why' })
  })

  test('may throw when it is asked', () => {
    const error = Object.defineProperty(new Error('x'), 'cause', {
      get: () => {
        throw new Error('not this way')
      },
    })
    expect(told(error)).toMatchObject({ message: 'x' })
  })
})

test('a script whose fetch fails says with what', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  server.close()
  await once(server, 'close')
  const source = `exports.onExecutePostUserRegistration = async () => { await fetch('http://127.0.0.1:${port}') }`
  expect(await runOnce(source)).toMatchObject({
    kind: 'retry',
    code: 'ECONNREFUSED',
    message: `the hook threw: fetch failed: connect ECONNREFUSED 127.0.0.1:${port}`,
  })
})
