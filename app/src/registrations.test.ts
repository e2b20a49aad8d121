import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { asHistorical, readRegistrations } from './registrations.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onsignup-registrations-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const read = async (source: string) => {
  const file = join(folder, 'registrations')
  await writeFile(file, source)
  return readRegistrations(file)
}

describe('a file of registrations', () => {
  test.each([
    ['one object over many lines', '{\n  "a": 1\n}\n', [{ line: 1, body: { a: 1 } }]],
    [
      'an array',
      '[{ "a": 1 },\n\n{ "b": 2 }]',
      [
        { line: 1, body: { a: 1 } },
        { line: 2, body: { b: 2 } },
      ],
    ],
    [
      'an object a line',
      '{"a":1}\n{"b":2}\n',
      [
        { line: 1, body: { a: 1 } },
        { line: 2, body: { b: 2 } },
      ],
    ],
    [
      'blank lines between',
      '{"a":1}\r\n\r\n{"b":2}',
      [
        { line: 1, body: { a: 1 } },
        { line: 3, body: { b: 2 } },
      ],
    ],
    [
      'a mark at its beginning',
      '\uFEFF{"a":1}\n{"b":2}',
      [
        { line: 1, body: { a: 1 } },
        { line: 2, body: { b: 2 } },
      ],
    ],
    ['an empty array', '[]', []],
    ['nothing', '\n', []],
  ])('may be %s', async (_what, source, expected) => {
    expect(await read(source)).toEqual(expected)
  })

  test('is refused as a whole for one line that is not JSON, which is named', async () => {
    await expect(read('{"a":1}\n{"b":\n{"c":3}')).rejects.toMatchObject({
      name: 'CommandError',
      exitCode: 2,
      message: expect.stringMatching(/registrations:2 is not JSON: /),
    })
  })

  test('that is not there is named', async () => {
    await expect(readRegistrations(join(folder, 'nowhere'))).rejects.toMatchObject({
      exitCode: 2,
      message: `there is no file ${join(folder, 'nowhere')}`,
    })
    await expect(readRegistrations(folder)).rejects.toMatchObject({ message: `cannot read file ${folder}` })
  })
})

test.each([
  [{ user: { id: '1' } }, { user: { id: '1' }, source: { historical: true } }],
  [{ source: null }, { source: { historical: true } }],
  [{ source: { id: 'crm', historical: false } }, { source: { id: 'crm', historical: true } }],
  // What is no registration is for the service to refuse.
  [{ source: 'crm' }, { source: 'crm' }],
  [[1], [1]],
  [null, null],
])('as a historical one, %j is %j', (body, expected) => {
  expect(asHistorical({ line: 3, body })).toEqual({ line: 3, body: expected })
})
