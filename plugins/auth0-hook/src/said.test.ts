import { describe, expect, test } from 'vitest'
import { saidAtEnd } from './said.ts'

const saidBy = (said: string) =>
  saidAtEnd({ how: 'called back', said }, (text) => text.replaceAll('s3cret', '[secret]'))

describe('what a script says to its caller', () => {
  test('is what it called back with, without secrets', () => {
    expect(saidBy('{"status":"success","data":{"key":"s3cret"}}')).toEqual({
      status: 'success',
      data: { key: '[secret]' },
    })
  })

  test('may be nothing, as of a function, which JSON leaves out', () => {
    expect(saidBy('{"status":"success"}')).toEqual({ status: 'success' })
  })

  test.each([
    ['no JSON', 'not json'],
    ['of another form', '{"status":"fine"}'],
    ['no object', 'null'],
  ])('is an error where it is %s: a script can write in place of the runner', (_what, said) => {
    expect(saidBy(said)).toEqual({
      status: 'error',
      data: {
        stack: 'Error: Error when JSON serializing the result of the extension point',
        message: 'Error when JSON serializing the result of the extension point',
      },
    })
  })
})
