import { describe, expect, test } from 'vitest'
import { readAuth0Export } from './index.ts'
import { createExport, HOOK } from './test-support.ts'

const tenant = (script: string): string =>
  `hooks:\n  - name: a\n    enabled: true\n    triggerId: post-user-registration\n    script: ${JSON.stringify(script)}\n`

describe('a script that an export names', () => {
  test.each([
    ['a path upwards', '../outside.js', /leads out of the export/],
    ['a path that goes down first', './hooks/../../outside.js', /leads out of the export/],
    ['a path of Windows', String.raw`..\outside.js`, /leads out of the export/],
    ['an absolute path', '/etc/passwd', /is an absolute path/],
    ['a drive of Windows', String.raw`C:\outside.js`, /is an absolute path/],
    ['a zero byte', 'hooks/a\0.js', /zero byte/],
    ['a folder', './hooks', /is no file/],
    ['the folder itself', '.', /is no file/],
    ['nothing that is there', './hooks/none.js', /is not in the export/],
    ['a link to a file outside', './hooks/link.js', /is a link that leads out/],
    ['a link to a folder outside', './linked/outside.js', /is a link that leads out/],
    ['a link to nothing', './hooks/dead.js', /is not in the export/],
    ['bytes that are no text', './hooks/bytes.js', /is not UTF-8/],
    ['a huge file', './hooks/huge.js', /has 1000001 bytes/],
  ])('is refused when it is %s', async (_what, script, message) => {
    await using folder = await createExport({ 'tenant.yaml': tenant(script), 'hooks/a.js': HOOK })
    await folder.write('../outside.js', HOOK)
    await folder.link('hooks/link.js', '../../outside.js')
    await folder.link('hooks/dead.js', './nothing.js')
    await folder.link('linked', '..')
    await folder.write('hooks/bytes.js', new Uint8Array([0x61, 0xff, 0xfe]))
    await folder.write('hooks/huge.js', 'x'.repeat(1_000_001))
    const reading = readAuth0Export(folder.path)
    await expect(reading).rejects.toMatchObject({ code: 'export_refused' })
    await expect(reading).rejects.toThrow(message)
  })

  test('may be behind a link that stays inside', async () => {
    await using folder = await createExport({ 'tenant.yaml': tenant('./hooks/link.js'), 'hooks/a.js': HOOK })
    await folder.link('hooks/link.js', './a.js')
    await expect(readAuth0Export(folder.path)).resolves.toMatchObject({ scripts: [{ source: HOOK }] })
  })

  test('is refused in every form of export', async () => {
    const hook = { name: 'a', triggerId: 'post-user-registration', enabled: true, script: '../../outside.js' }
    const action = {
      name: 'a',
      code: 'actions/../../../outside.js',
      supported_triggers: [{ id: 'post-user-registration' }],
    }
    await using folder = await createExport({
      'd/hooks/a.json': JSON.stringify(hook),
      'd/actions/a.json': JSON.stringify(action),
      'api.json': JSON.stringify({ ...hook, script: '../outside.js' }),
      'main.tf':
        'resource "auth0_hook" "a" {\n  name = "a"\n  trigger_id = "post-user-registration"\n  script = file("${path.module}/../outside.js")\n}\n',
      'absolute.tf':
        'resource "auth0_hook" "a" {\n  name = "a"\n  trigger_id = "post-user-registration"\n  script = file("/etc/passwd")\n}\n',
    })
    await folder.write('../outside.js', HOOK)
    await expect(readAuth0Export(folder.at('d'))).rejects.toThrow(/2 things in .*leads out.*leads out/s)
    await expect(readAuth0Export(folder.at('api.json'))).rejects.toThrow(/leads out/)
    await expect(readAuth0Export(folder.at('main.tf'))).rejects.toThrow(/leads out/)
    await expect(readAuth0Export(folder.at('absolute.tf'))).rejects.toThrow(/absolute path/)
  })
})

describe('a document', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghij']
    .map(
      (name, index) =>
        `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[index]}`).join(', ')}]`,
    )
    .join('\n')}\n`

  test.each([
    ['with nested aliases', `${bomb}hooks: []\n`, /its aliases stand for more/],
    [
      'with merges without end',
      `x: &a { b: 1 }\nhooks:\n${'  - { <<: *a }\n'.repeat(1_001)}`,
      /its aliases stand for more/,
    ],
    ['with an alias to nothing', 'hooks: *nothing\n', /neither YAML nor JSON|aliases/],
    [
      'that is nested without end',
      `hooks: ${'['.repeat(3_000)}${']'.repeat(3_000)}\n`,
      /nested deeper|RESOURCE|neither/,
    ],
    [
      'that is JSON nested without end',
      `{ "hooks": ${'['.repeat(90_000)}${']'.repeat(90_000)} }`,
      /nested deeper than 100/,
    ],
    ['that is broken YAML nested without end', `hooks: ${'['.repeat(9_000)}`, /neither YAML nor JSON/],
    [
      'that is YAML nested without end by lines',
      `hooks:\n${'- '.repeat(9_000)}x\n`,
      /nested deeper than 100|neither YAML nor JSON/,
    ],
    ['that is neither YAML nor JSON', 'hooks: [ "sk-secret"\nx', /line \d+ is neither YAML nor JSON \(\w+\)/],
    ['whose hooks are no list', 'hooks: { a: 1 }\n', /tenant\.yaml hooks {2}it is no list/],
    ['whose hook is no mapping', 'hooks: [ 3 ]\n', /hooks\[0\] {2}it is no mapping/],
    ['that is huge', `hooks: []\n#${'x'.repeat(10_000_000)}\n`, /has \d+ bytes/],
  ])('is refused: one %s', async (_what, text, message) => {
    await using folder = await createExport({ 'tenant.yaml': text })
    await expect(readAuth0Export(folder.path)).rejects.toThrow(message)
    await expect(readAuth0Export(folder.path)).rejects.not.toThrow(/sk-secret/)
  })

  test.each(['secrets', 'dependencies'])('is refused when %s have a key __proto__', async (key) => {
    const hook = `{"name":"a","triggerId":"post-user-registration","script":"cb()","${key}":{"__proto__":"x"}}`
    await using folder = await createExport({ 'a.json': hook })
    await expect(readAuth0Export(folder.at('a.json'))).rejects.toThrow(/key __proto__/)
    await folder.write(
      'tenant.yaml',
      `hooks:\n  - { name: a, triggerId: post-user-registration, script: "cb()", ${key}: { __proto__: x } }\n`,
    )
    await expect(readAuth0Export(folder.path)).rejects.toThrow(/key __proto__/)
  })

  test('cannot give a secret a prototype', async () => {
    const hook =
      '{"name":"a","triggerId":"post-user-registration","script":"cb()","__proto__":{"enabled":true},"secrets":{"constructor":"_VALUE_NOT_SHOWN_"}}'
    await using folder = await createExport({ 'a.json': hook })
    const { scripts } = await readAuth0Export(folder.at('a.json'))
    expect(scripts).toMatchObject([{ on: false, secrets: [{ name: 'constructor' }] }])
  })

  test('cannot have a dependency that comes from elsewhere than the registry', async () => {
    const dependencies = {
      axios: '^1.0.0',
      a: 'git+ssh://example.com/a',
      b: 'file:../b',
      c: 'npm:evil@1',
      '../d': '1',
      '--global': '1',
    }
    const hook = { name: 'a', triggerId: 'post-user-registration', script: 'cb()', dependencies }
    await using folder = await createExport({ 'a.json': JSON.stringify(hook) })
    const { scripts } = await readAuth0Export(folder.at('a.json'))
    expect([...(scripts[0]?.dependencies ?? [])]).toEqual([['axios', '^1.0.0']])
    expect(scripts[0]?.remarks).toHaveLength(5)
  })

  test('cannot write to the terminal of who reads the error', async () => {
    await using folder = await createExport({ 'tenant.yaml': tenant('./\u{1B}[2J\u{202E}.js') })
    const error = await readAuth0Export(folder.path).catch((thrown: unknown) => String(thrown))
    expect(error).toContain('[2J')
    for (const sign of ['\u{1B}', '\u{202E}']) expect(error).not.toContain(sign)
  })
})
