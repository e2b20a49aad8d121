import { Writable } from 'node:stream'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { columns, stateWord } from './output.ts'

const streamOf = (isTTY: boolean) => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
  return Object.assign(stream, { isTTY, getColorDepth: () => (process.env['NO_COLOR'] ? 1 : 8) })
}

const wordOn = (isTTY: boolean) => stateWord({ stdout: streamOf(isTTY), stderr: streamOf(isTTY) }, 'dead', 6)

describe('colour', () => {
  afterEach(() => vi.unstubAllEnvs())

  test('is for terminals only', () => {
    vi.stubEnv('FORCE_COLOR', undefined)
    vi.stubEnv('NO_COLOR', undefined)
    expect(wordOn(true)).toBe('\u001B[31mdead  \u001B[39m')
    expect(wordOn(false)).toBe('dead  ')
  })

  test('is left out where NO_COLOR says so', () => {
    vi.stubEnv('FORCE_COLOR', undefined)
    vi.stubEnv('NO_COLOR', '1')
    expect(wordOn(true)).toBe('dead  ')
  })
})

test('columns are as wide as their widest cell, and the last is not padded', () => {
  expect(
    columns([
      ['a', 'bbb', 'c'],
      ['aaaa', 'b', ''],
      ['', '', 'cc'],
    ]),
  ).toEqual(['a     bbb  c', 'aaaa  b', '           cc'])
  expect(columns([])).toEqual([])
})
