import { describe, expect, test } from 'vitest'
import { readAuth0Export, type ExportedScript } from './index.ts'
import { ACTION, createExport, HOOK } from './test-support.ts'

const TENANT = `tenant:
  friendly_name: ##COMPANY##
  flags: @@FLAGS@@
hooks:
  - name: save-to-crm
    script: ./hooks/save-to-crm.js
    dependencies: { airtable: 0.10.0 }
    enabled: true
    secrets: { CRM_KEY: _VALUE_NOT_SHOWN_, CRM_BASE: _VALUE_NOT_SHOWN_ }
    triggerId: post-user-registration
  - name: older
    script: ./hooks/older.js
    triggerId: post-user-registration
  - name: gate
    script: ./hooks/gate.js
    enabled: true
    triggerId: pre-user-registration
actions:
  - name: second
    code: ./actions/second/code.js
    deployed: true
    dependencies: [{ name: axios, version: 1.7.2 }]
    secrets: [{ name: KEY, value: _VALUE_NOT_SHOWN_ }]
    supported_triggers: [{ id: post-user-registration, version: v2 }]
  - name: first
    code: ./actions/first/code.js
    deployed: true
    supported_triggers: [{ id: post-user-registration, version: v2 }]
  - name: unbound
    code: ./actions/unbound/code.js
    deployed: true
    supported_triggers: [{ id: post-user-registration, version: v2 }]
  - name: roles
    code: ./actions/roles/code.js
    supported_triggers: [{ id: post-login, version: v3 }]
triggers:
  post-login: [{ action_name: roles, display_name: roles }]
  post-user-registration:
    - { action_name: first, display_name: First }
    - { action_name: second, display_name: Second }
    - { action_name: gone, display_name: Gone }
`

const TENANT_FILES = {
  'tenant.yaml': TENANT,
  'hooks/save-to-crm.js': HOOK,
  'hooks/older.js': HOOK,
  'actions/first/code.js': ACTION,
  'actions/second/code.js': ACTION,
  'actions/unbound/code.js': ACTION,
}

const brief = ({ what, name, on, secrets, dependencies }: ExportedScript) => ({
  script: `${what} ${name} ${on ? 'on' : 'off'}`,
  secrets: secrets.map(({ name }) => name),
  dependencies: Object.fromEntries(dependencies),
})

const NONE = { secrets: [], dependencies: {} }

describe('a deploy-cli YAML export', () => {
  test('gives its hooks, then its Actions in the order in which they were bound', async () => {
    await using folder = await createExport(TENANT_FILES)
    const { format, scripts } = await readAuth0Export(folder.path)
    expect(format).toBe('deploy-cli YAML')
    expect(scripts.map(brief)).toEqual([
      {
        script: 'hook save-to-crm on',
        secrets: ['CRM_KEY', 'CRM_BASE'],
        dependencies: { airtable: '0.10.0' },
      },
      { script: 'hook older off', ...NONE },
      { script: 'action first on', ...NONE },
      { script: 'action second on', secrets: ['KEY'], dependencies: { axios: '1.7.2' } },
      { script: 'action unbound off', ...NONE },
    ])
    expect(scripts.map(({ source }) => source)).toEqual([HOOK, HOOK, ACTION, ACTION, ACTION])
    expect(scripts[0]?.secrets[0]).toEqual({ name: 'CRM_KEY', meaning: undefined, isWritten: false })
  })

  test('says of all else why it is not taken, and does not need its files', async () => {
    await using folder = await createExport(TENANT_FILES)
    const { notTaken } = await readAuth0Export(folder.path)
    expect(notTaken.map(({ what, where }) => `${what} | ${where}`)).toEqual([
      'hook gate | tenant.yaml hooks[2]',
      'action roles | tenant.yaml actions[3]',
      'action gone | tenant.yaml triggers post-user-registration',
      'bindings of post-login | tenant.yaml triggers post-login',
    ])
    for (const { why, mend } of notTaken) expect([why, mend].every((text) => text.length > 10)).toBe(true)
  })

  test('has its keywords replaced, in the document and in scripts', async () => {
    await using folder = await createExport({
      'tenant.yaml':
        'hooks:\n  - { name: "##ENV##-mail", script: ./hooks/a.js, enabled: @@ON@@, triggerId: post-user-registration }\n',
      'hooks/a.js': 'const to = "##TO##", list = "@@LIST@@", left = "##LEFT##"\n',
    })
    const { scripts } = await readAuth0Export(folder.path, { ENV: 'prod', ON: true, TO: 'a', LIST: [1] })
    expect(scripts).toMatchObject([
      { name: 'prod-mail', on: true, source: 'const to = "a", list = [1], left = "##LEFT##"\n' },
    ])
  })

  test('keeps the bytes of a script: its mark, its line ends, its last line', async () => {
    const source = '\u{FEFF}module.exports = (u, c, cb) => {\r\n  cb() // é 🎉\r\n}'
    await using folder = await createExport({ ...TENANT_FILES, 'hooks/save-to-crm.js': source })
    const { scripts } = await readAuth0Export(folder.path)
    expect(scripts[0]?.source).toBe(source)
  })

  test('may be named by its file, whatever that is called', async () => {
    await using folder = await createExport(TENANT_FILES)
    await folder.write('staging.yml', TENANT)
    await expect(readAuth0Export(folder.at('staging.yml'))).resolves.toMatchObject({
      format: 'deploy-cli YAML',
    })
  })
})

describe('a deploy-cli directory export', () => {
  const hook = {
    name: 'welcome',
    script: './welcome.js',
    enabled: true,
    triggerId: 'post-user-registration',
    secrets: { KEY: '_VALUE_NOT_SHOWN_' },
    dependencies: { request: '2.88.0' },
  }
  const action = {
    name: 'Tell Slack',
    // As deploy-cli writes it: from where it was started.
    code: '/home/ci/auth0-export/actions/Tell Slack/code.js',
    deployed: true,
    dependencies: [],
    secrets: [{ name: 'URL', value: '_VALUE_NOT_SHOWN_' }],
    supported_triggers: [{ id: 'post-user-registration', version: 'v2' }],
  }
  const files = {
    'hooks/welcome.json': JSON.stringify(hook),
    'hooks/welcome.js': HOOK,
    'actions/Tell Slack.json': JSON.stringify(action),
    'actions/Tell Slack/code.js': ACTION,
    'triggers/triggers.json': JSON.stringify({
      'post-user-registration': [{ action_name: 'Tell Slack', display_name: 'Tell Slack' }],
    }),
    'clients/app.json': '{}',
  }

  test('gives hooks whose paths are of the hooks folder, and Actions whose paths end within it', async () => {
    await using folder = await createExport(files)
    const { format, scripts } = await readAuth0Export(folder.path)
    expect(format).toBe('deploy-cli directory')
    expect(scripts.map(brief)).toEqual([
      { script: 'hook welcome on', secrets: ['KEY'], dependencies: { request: '2.88.0' } },
      { script: 'action Tell Slack on', secrets: ['URL'], dependencies: {} },
    ])
    expect(scripts.map(({ source }) => source)).toEqual([HOOK, ACTION])
  })

  test('is one hook when that is named', async () => {
    await using folder = await createExport(files)
    const { scripts } = await readAuth0Export(folder.at('hooks/welcome.json'))
    expect(scripts).toMatchObject([{ name: 'welcome', source: HOOK }])
  })
})

describe('answers of the Management API', () => {
  const hook = {
    id: '00001',
    name: 'welcome',
    triggerId: 'post-user-registration',
    enabled: true,
    script: HOOK,
    dependencies: { axios: '0.19.2' },
  }
  const action = {
    id: 'a1',
    name: 'tell',
    code: ACTION,
    all_changes_deployed: true,
    supported_triggers: [{ id: 'post-user-registration', version: 'v2' }],
    secrets: [{ name: 'URL', updated_at: '2026-01-01T00:00:00.000Z' }],
    dependencies: [{ name: 'axios', version: '1.7.2' }],
  }

  test.each([
    ['a hook', hook, ['hook welcome on']],
    ['an array of hooks', [hook, { ...hook, name: 'b', enabled: false }], ['hook welcome on', 'hook b off']],
    ['{ hooks }', { hooks: [hook], start: 0, total: 1 }, ['hook welcome on']],
    ['{ actions }', { actions: [action], total: 1 }, ['action tell on']],
    ['an Action', action, ['action tell on']],
    [
      '{ actions, bindings }',
      {
        actions: [action, { ...action, name: 'b' }],
        bindings: [{ trigger_id: 'post-user-registration', action: { name: 'b' }, display_name: 'B' }],
      },
      ['action b on', 'action tell off'],
    ],
  ])('are taken: %s', async (_what, value, expected) => {
    await using folder = await createExport({ 'answer.json': JSON.stringify(value) })
    const { format, scripts } = await readAuth0Export(folder.at('answer.json'))
    expect(format).toBe('Management API JSON')
    expect(scripts.map((script) => brief(script).script)).toEqual(expected)
  })

  test('say that bindings are not known, when they are not', async () => {
    await using folder = await createExport({ 'a.json': JSON.stringify(action) })
    const { scripts } = await readAuth0Export(folder.at('a.json'))
    expect(scripts[0]?.remarks).toEqual([expect.stringContaining('does not say whether it was bound')])
  })

  test('give the deployed version of an Action with a newer draft, and not one that never was deployed', async () => {
    const draft = { ...action, all_changes_deployed: false, code: 'draft()' }
    const deployed = { code: ACTION, secrets: [], dependencies: [] }
    await using folder = await createExport({
      'a.json': JSON.stringify([
        { ...draft, deployed_version: deployed },
        { ...draft, name: 'never' },
      ]),
    })
    const { scripts } = await readAuth0Export(folder.at('a.json'))
    expect(scripts).toMatchObject([
      { name: 'tell', on: true, source: ACTION, secrets: [] },
      { name: 'never', on: false },
    ])
  })

  test('are refused when the scripts are not in them, with what to do', async () => {
    await using folder = await createExport({ 'a.json': JSON.stringify([{ ...hook, script: undefined }]) })
    await expect(readAuth0Export(folder.at('a.json'))).rejects.toThrow(/has no script.*GET \/api\/v2\/hooks/)
  })
})

describe('a path that holds no export', () => {
  test.each([
    ['an empty folder', {}, ''],
    ['a script', { 'a.js': HOOK }, 'a.js'],
    ['another YAML', { 'a.yaml': 'a: 1\n' }, 'a.yaml'],
    ['another JSON', { 'a.json': '{"clients":[]}' }, 'a.json'],
    ['another Terraform', { 'a.tf': 'resource "aws_s3_bucket" "b" {}\n' }, 'a.tf'],
  ])('is told what was looked for: %s', async (_what, files, path) => {
    await using folder = await createExport(files)
    await expect(readAuth0Export(folder.at(path))).rejects.toMatchObject({
      code: 'export_unknown',
      message: expect.stringMatching(/tenant\.yaml.*hooks\/\*\.json.*Management API.*auth0_hook/s),
    })
  })

  test('is told so when it is not there', async () => {
    await expect(readAuth0Export('/nowhere/at/all')).rejects.toMatchObject({ code: 'export_unreadable' })
  })

  test('is refused when it holds two', async () => {
    await using folder = await createExport({ ...TENANT_FILES, 'main.tf': 'resource "auth0_hook" "a" {}\n' })
    await expect(readAuth0Export(folder.path)).rejects.toThrow(
      /more than one export: deploy-cli YAML and Terraform/,
    )
  })
})
