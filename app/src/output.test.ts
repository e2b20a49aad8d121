import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { columns, printStates, stateWord } from './output.ts'

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

test('a line begins with its state, and the rest of it is aligned', () => {
  let written = ''
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString()
      done()
    },
  })
  const rows = [
    ['dead', 'team-slack', 'why'],
    ['delivered', 'crm', ''],
  ] as const
  printStates({ stdout, stderr: stdout }, rows, { width: 9, indent: '  ' })
  expect(stripVTControlCharacters(written)).toBe('  dead       team-slack  why\n  delivered  crm\n')
})
