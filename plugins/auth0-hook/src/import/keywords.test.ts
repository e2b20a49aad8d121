import { describe, expect, test } from 'vitest'
import { ExportError } from './errors.ts'
import { markersIn, readMappings, replaceKeywords, shielded, unshielded } from './keywords.ts'

describe('replaceKeywords', () => {
  test.each([
    ['##KEY## as text', 'a ##ENV##-hook', { ENV: 'prod' }, 'a prod-hook'],
    ['##KEY## of a number', '##N##', { N: 3 }, '3'],
    ['@@KEY@@ as JSON', 'x = @@LIST@@', { LIST: ['a', 1] }, 'x = ["a",1]'],
    ['a quoted @@KEY@@ with its quotes', '{ "x": "@@LIST@@" }', { LIST: { a: null } }, '{ "x": {"a":null} }'],
    ['one in single quotes too', "x: '@@LIST@@'", { LIST: [1] }, 'x: [1]'],
    ['one with a quote on one side', "'a @@LIST@@'", { LIST: [1] }, "'a [1]'"],
    ['$& and $1 as they are', "'##A##'", { A: '$&$1$$' }, "'$&$1$$'"],
    ['nothing that a value brings in', '##A##', { A: '##B##', B: 'x' }, '##B##'],
    ['the longer of two keys', '##AB##', { A: 'x', AB: 'y' }, 'y'],
    ['a key with a dot by itself only', '##A.B## ##AxB##', { 'A.B': 'y' }, 'y ##AxB##'],
    ['nothing without mappings', '##A##', {}, '##A##'],
  ])('takes %s', (_what, text, mappings, expected) => {
    expect(replaceKeywords(text, mappings)).toBe(expected)
  })

  test('refuses a list where text is wanted, without showing it', () => {
    expect(() => replaceKeywords('##A##', { A: ['secret'] })).toThrow(ExportError)
    expect(() => replaceKeywords('##A##', { A: ['secret'] })).not.toThrow(/secret/)
  })
})

describe('markersIn', () => {
  test('finds what is left, with its line', () => {
    expect(markersIn('##A##\n// ### no\n@@B_C@@ ##D##\n')).toEqual([
      { marker: '##A##', line: 1 },
      { marker: '@@B_C@@', line: 3 },
      { marker: '##D##', line: 3 },
    ])
  })

  test('shielded text becomes the same again', () => {
    const text = 'name: ##A##\nlist: @@B@@\n'
    expect(shielded(text)).not.toMatch(/[#@]/)
    expect(unshielded(shielded(text))).toBe(text)
  })
})

describe('readMappings', () => {
  test.each(['{', '[]', 'null', '"x"'])('refuses %s, without showing it', (json) => {
    expect(() => readMappings(json, '--mappings')).toThrow('--mappings is no JSON object')
  })
})
