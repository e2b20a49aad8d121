import { describe, expect, test } from 'vitest'
import { readAuth0Export } from './index.ts'
import { ACTION, createExport, HOOK } from './test-support.ts'

const TRIGGERS = 'supported_triggers: [{ id: post-user-registration, version: v2 }]'
const NOT_SAID = expect.stringContaining('does not say whether it was bound')

const actionJson = (name: string, code: string): string =>
  JSON.stringify({ name, code, deployed: true, supported_triggers: [{ id: 'post-user-registration' }] })

describe('an Action without a script', () => {
  test.each([
    ['has no code', "''"],
    ['names an empty file', './actions/empty/code.js'],
  ])('is left out, and the others are taken: it %s', async (_what, code) => {
    await using folder = await createExport({
      'tenant.yaml': `actions:\n  - { name: empty, code: ${code}, ${TRIGGERS} }\n  - { name: full, code: ./actions/full/code.js, ${TRIGGERS} }\n`,
      'actions/empty/code.js': '\n',
      'actions/full/code.js': ACTION,
    })
    const { scripts, notTaken } = await readAuth0Export(folder.path)
    expect(scripts.map(({ name }) => name)).toEqual(['full'])
    expect(notTaken).toMatchObject([{ what: 'action empty', where: 'tenant.yaml actions[0]' }])
  })
})

describe('a directory', () => {
  test.each([
    ['from the export', './actions/my-actions/code.js'],
    ['as Windows has it', String.raw`.\actions\my-actions\code.js`],
    ['from where an older deploy-cli was started', 'local/export/actions/my-actions/code.js'],
  ])('finds the code of an Action by its path %s', async (_what, code) => {
    await using folder = await createExport({
      'actions/my-actions.json': actionJson('my actions', code),
      'actions/my-actions/code.js': ACTION,
    })
    await expect(readAuth0Export(folder.path)).resolves.toMatchObject({ scripts: [{ source: ACTION }] })
  })

  test('finds code that somebody put elsewhere within the export', async () => {
    await using folder = await createExport({
      'actions/a.json': actionJson('a', './src/actions/a/code.js'),
      'src/actions/a/code.js': ACTION,
      'actions/a/code.js': 'exports.other = 1\n',
    })
    await expect(readAuth0Export(folder.path)).resolves.toMatchObject({ scripts: [{ source: ACTION }] })
  })
})

describe('YAML', () => {
  test('may merge mappings, as deploy-cli reads them', async () => {
    await using folder = await createExport({
      'tenant.yaml': `x: &common { triggerId: post-user-registration, enabled: true }\nhooks:\n  - { <<: *common, name: a, script: ./a.js }\n`,
      'a.js': HOOK,
    })
    await expect(readAuth0Export(folder.path)).resolves.toMatchObject({ scripts: [{ name: 'a', on: true }] })
  })

  test('may use one anchor often', async () => {
    const hooks = Array.from(
      { length: 300 },
      (_, index) => `  - { name: h${index}, script: ./a.js, triggerId: *t }\n`,
    )
    await using folder = await createExport({
      'tenant.yaml': `x: &t post-user-registration\nhooks:\n${hooks.join('')}`,
      'a.js': HOOK,
    })
    await expect(readAuth0Export(folder.path)).resolves.toMatchObject({ scripts: { length: 300 } })
  })
})

describe('a keyword that was not replaced', () => {
  test('is told of where it says whether a script was on', async () => {
    await using folder = await createExport({
      'tenant.yaml':
        'hooks:\n  - { name: a, script: ./a.js, enabled: @@ON@@, triggerId: post-user-registration }\n',
      'a.js': HOOK,
    })
    const { scripts } = await readAuth0Export(folder.path)
    expect(scripts).toMatchObject([{ on: false, remarks: ['@@ON@@ under enabled was not replaced'] }])
  })

  test('is told of where it is the trigger', async () => {
    await using folder = await createExport({
      'tenant.yaml': `hooks:\n  - { name: a, script: ./a.js, triggerId: '##WHEN##' }\nactions:\n  - { name: b, code: ./a.js, supported_triggers: @@WHEN@@ }\n`,
      'a.js': HOOK,
    })
    const { notTaken } = await readAuth0Export(folder.path)
    expect(notTaken).toMatchObject([
      {
        what: 'hook a',
        why: '##WHEN##: its trigger was not replaced',
        mend: expect.stringContaining('--mappings'),
      },
      { what: 'action b', why: '@@WHEN@@: its trigger was not replaced' },
    ])
  })

  test.each([
    ['a trigger', '  post-user-registration: @@BOUND@@\n'],
    ['all triggers', '  @@TRIGGERS@@\n'],
  ])('leaves Actions on where it stands for what is bound to %s', async (_what, triggers) => {
    await using folder = await createExport({
      'tenant.yaml': `actions:\n  - { name: a, code: ./a.js, ${TRIGGERS} }\ntriggers:\n${triggers}`,
      'a.js': ACTION,
    })
    const { scripts } = await readAuth0Export(folder.path)
    expect(scripts).toMatchObject([{ on: true, remarks: [NOT_SAID] }])
  })

  test('is told of where it stands for all hooks', async () => {
    await using folder = await createExport({ 'tenant.yaml': 'hooks: @@HOOKS@@\n' })
    await expect(readAuth0Export(folder.path)).rejects.toThrow(
      /tenant\.yaml hooks {2}@@HOOKS@@ was not replaced {2}→ map it with --mappings/,
    )
  })
})
