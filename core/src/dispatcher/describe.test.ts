import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { delivered, Failure, rejected, retry, skipped } from '../outcome.ts'
import { createRedact } from '../secrets.ts'
import { brief, isAbort, messageChain, outcomeOfError, outcomeOfResult, printed } from './describe.ts'

const asIs = (text: string): string => text

test('a message is followed by those of its causes that say more', () => {
  const root = new Error('ECONNREFUSED 127.0.0.1')
  const middle = new Error('request failed', { cause: root })
  expect(messageChain(new Error('cannot post: request failed', { cause: middle }))).toBe(
    'cannot post: request failed: ECONNREFUSED 127.0.0.1',
  )
})

test('a chain of causes that goes round ends', () => {
  const error = new Error('a')
  error.cause = error
  expect(messageChain(error)).toBe('a')
})

test.each([
  ['text', 'text'],
  [{ code: 429 }, '{ code: 429 }'],
  [Object.create(null), '[Object: null prototype] {}'],
  [undefined, 'undefined'],
  [Symbol('x'), 'Symbol(x)'],
  [new TypeError(), 'TypeError'],
])('whatever is thrown is described, as %o', (thrown, said) => {
  expect(messageChain(thrown)).toBe(said)
  expect(outcomeOfError(thrown)).toMatchObject({ kind: 'retry', message: said })
})

test('a long text is cut, its secrets redacted before and never half left', () => {
  const redact = createRedact(['very-secret-value'])
  const shown = brief(`${'x'.repeat(990)}very-secret-value and more`, redact)
  expect(shown).toHaveLength(1_000)
  expect(shown).not.toContain('very')
  expect(brief('short', asIs)).toBe('short')
})

test('what stores refuse is not in the history: NUL, and half of a surrogate pair, even of the cut', () => {
  expect(brief('a\0b\ud800', asIs)).toBe('ab\ufffd')
  expect(brief(`${'x'.repeat(998)}😀😀`, asIs).isWellFormed()).toBe(true)
})

test('only what came of the abort is an abort', () => {
  const { signal } = new AbortController()
  const aborted = AbortSignal.abort(new Error('the deadline'))
  expect(isAbort(aborted.reason, aborted)).toBe(true)
  expect(isAbort(new Error('fetch failed', { cause: aborted.reason }), aborted)).toBe(true)
  expect(isAbort(new DOMException('x', 'AbortError'), aborted)).toBe(true)
  expect(isAbort(new DOMException('x', 'AbortError'), signal)).toBe(false)
  expect(isAbort(new Error('socket hang up'), aborted)).toBe(false)
})

test.each([[undefined], [null], [42], ['ok'], [{ id: 7 }], [[]], [true]])(
  'a hook that returns %j has delivered',
  (value) => {
    expect(outcomeOfResult(value)).toEqual({ kind: 'delivered' })
  },
)

test('outcomes are what they are, and a failure that is returned means what it means thrown', () => {
  const failure = rejected('no')
  expect(outcomeOfResult(delivered('ts 1'))).toEqual({ kind: 'delivered', detail: 'ts 1' })
  expect(outcomeOfResult(skipped('nobody'))).toEqual({ kind: 'skipped', reason: 'nobody' })
  expect(outcomeOfResult(failure)).toBe(failure)
  expect(outcomeOfError(failure)).toBe(failure)
  expect(outcomeOfResult(new Error('returned'))).toMatchObject({ kind: 'retry', message: 'returned' })
})

test.each([
  [{ kind: 'skipped' }, { kind: 'skipped', reason: 'the hook skipped it' }],
  [
    { kind: 'skipped', reason: 5 },
    { kind: 'skipped', reason: '5' },
  ],
  [
    { kind: 'delivered', detail: 5 },
    { kind: 'delivered', detail: '5' },
  ],
  [{ kind: 'delivered', detail: null }, { kind: 'delivered' }],
])('%j, which TypeScript would refuse, is still text where text belongs', (value, outcome) => {
  expect(outcomeOfResult(value)).toEqual(outcome)
})

test.each([[{ kind: 'retry' }], [{ kind: 'done' }], [{ kind: 10n }]])(
  'an outcome of a kind that does not exist is tried again: %o',
  (value) => {
    expect(outcomeOfResult(value)).toMatchObject({ kind: 'retry', code: 'invalid_outcome' })
  },
)

test('a failure of a kind that does not exist is tried again', () => {
  const odd = Object.assign(new Failure('retry', 'x'), { kind: 'boom' })
  expect(outcomeOfError(odd)).toMatchObject({ kind: 'retry', code: 'invalid_outcome' })
  expect(outcomeOfResult(odd)).toMatchObject({ kind: 'retry', code: 'invalid_outcome' })
})

test("an error keeps its code and is the retry's cause", () => {
  const error = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  expect(outcomeOfError(error)).toMatchObject({ kind: 'retry', code: 'ECONNREFUSED', cause: error })
  expect(outcomeOfError(Object.assign(new Error('x'), { code: 5 }))).toMatchObject({ code: 'error' })
})

test('an error of another realm, as of a script in a context of its own, is an error', () => {
  const foreign: unknown = runInNewContext('Object.assign(new Error("from afar"), { code: "E_FAR" })')
  expect(foreign).not.toBeInstanceOf(Error)
  expect(outcomeOfError(foreign)).toMatchObject({ kind: 'retry', message: 'from afar', code: 'E_FAR' })
})

test('the code of a failure is text, also when JavaScript gave a number', () => {
  const options: object = { code: 429 }
  expect(retry('slow down', options).code).toBe('429')
})

test('what an attempt printed is kept with its lines, without secrets, and cut', () => {
  const redact = createRedact(['very-secret-value'])
  const output = `a\nvery-secret-value\n${'x'.repeat(70_000)}`
  for (const outcome of [delivered('d', { output }), skipped('s', { output }), retry('r', { output })]) {
    const kept = printed(outcomeOfResult(outcome), redact)
    expect(kept).toMatch(/^a\n\[secret\]\nx/)
    expect(kept).toHaveLength(65_536)
  }
  expect(printed(delivered('d', { output: '' }), redact)).toBeUndefined()
  expect(printed(delivered(), redact)).toBeUndefined()
})
