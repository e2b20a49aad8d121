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
    ['that holds a secret loses it', new Error('token hunter2'), 'fetch failed: token ***', undefined],
  ])('%s', (_what, cause, message, code) => {
    expect(told(new TypeError('fetch failed', { cause }))).toMatchObject({ message, code })
  })

  test('keeps its own code', () => {
    const error = Object.assign(new Error('no', { cause: refused }), { code: 'E_OWN' })
    expect(told(error)).toMatchObject({ code: 'E_OWN' })
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
