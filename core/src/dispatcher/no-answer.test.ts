import { expect, test } from 'vitest'
import { delivered, misconfigured, rejected, retry, skipped, throttled, unknown } from '../outcome.ts'
import { isNoAnswer } from './no-answer.ts'

const coded = (code: string): Error => Object.assign(new Error('it broke'), { code })

test.each([
  ['an unknown outcome', unknown('lost')],
  ['a deadline that passed', retry('no answer within 10s', { code: 'timeout' })],
  ["a plugin's word for it", retry('nothing came', { code: 'no_answer' })],
  ["a plugin's own word for it", retry('nothing came', { code: 'SF_NO_ANSWER' })],
  ['a refused connection', retry('down', { code: 'ECONNREFUSED' })],
  ["a cause that is a connection's", retry('fetch failed', { code: 'error', cause: coded('ENOTFOUND') })],
  [
    "a cause's cause that is undici's",
    retry('down', { cause: new TypeError('fetch failed', { cause: coded('UND_ERR_CONNECT_TIMEOUT') }) }),
  ],
])('%s is no answer', (_what, outcome) => {
  expect(isNoAnswer(outcome)).toBe(true)
})

test.each([
  ['a delivery', delivered()],
  ['what is skipped', skipped('nobody')],
  ["a server's own error", retry('HTTP 500', { code: 'http_500' })],
  ['an error of the hook', retry('x is not a function', { code: 'error', cause: new TypeError('x') })],
  ['a rate limit', throttled('slow')],
  ['a refusal', rejected('no', { cause: coded('ECONNRESET') })],
  ['a misconfiguration', misconfigured('no such host', { code: 'ENOTFOUND' })],
])('%s is none', (_what, outcome) => {
  expect(isNoAnswer(outcome)).toBe(false)
})
