import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AUTH0_EXPORT } from '../support/auth0-export.ts'
import { createFolder, type Folder } from '../support/folder.ts'
import { callProgram, runProgram } from '../support/program.ts'

const MAPPINGS = JSON.stringify({ COMPANY: 'Acme', FROM: 'hello@acme.com', FLAGS: { a: true } })

const withExport = async (files: Readonly<Record<string, string>> = AUTH0_EXPORT): Promise<Folder> => {
  const folder = await createFolder()
  for (const [name, text] of Object.entries(files)) await folder.write(name, text)
  return folder
}

/** The command as its user runs it, in the folder. */
const runImport = (folder: Folder, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runProgram(['import', 'auth0', 'export', ...args], { cwd: folder.path, env })

/** The same in this process, with what it says as if it ran in the folder. */
const importAuth0 = async (folder: Folder, args: readonly string[] = ['--into', folder.path]) => {
  const { code, stdout, stderr } = await callProgram(['import', 'auth0', folder.at('export'), ...args])
  const here = (text: string) =>
    text.replaceAll(`${relative(process.cwd(), folder.path)}/`, '').replaceAll(`${folder.path}/`, '')
  return { code, stdout: here(stdout), stderr: here(stderr) }
}

/** Every file of a folder with its text, but for the export. */
const contents = async (folder: Folder): Promise<Readonly<Record<string, string>>> => {
  const entries = await readdir(folder.path, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.path.length + 1))
    .filter((file) => !file.startsWith('export'))
  return Object.fromEntries(
    await Promise.all(
      files.toSorted().map(async (file) => [file, await readFile(folder.at(file), 'utf8')] as const),
    ),
  )
}

const YAML = `# Every key: docs/configuration.md
store: ./data/onsignup.db
connectors:
  # Auth0 Hook "Welcome Mail"
  welcome-mail:
    uses: auth0-hook
    with:
      script: ./hooks/welcome-mail.js
      secrets:
        MAIL_KEY: \${MAIL_KEY}
        mail-url: \${mail_url}
      dependencies:
        axios: 0.19.2
        lodash: ^4.17.21
  # At Auth0 the Actions ran one after the other, in this order, within 20 s together. Here each runs by itself, at the
  # same time as the others, with retries and a timeout of its own.
  # Auth0 Action "Tell Slack"
  tell-slack:
    uses: auth0-hook
    with:
      script: ./hooks/tell-slack.js
      secrets:
        SLACK_URL: \${TELL_SLACK_SLACK_URL}
  # Auth0 Action "Sync to CRM"
  sync-to-crm:
    uses: auth0-hook
    with:
      script: ./hooks/sync-to-crm.js
      secrets:
        CRM_TOKEN: \${CRM_TOKEN}
        SLACK_URL: \${SYNC_TO_CRM_SLACK_URL}
      dependencies:
        axios: 1.7.2
  # Auth0 Hook "old-slack", off at Auth0: to run it, take the # away
  # old-slack:
  #   uses: auth0-hook
  #   with:
  #     script: ./hooks/old-slack.js
  #     secrets:
  #       SLACK_URL: \${OLD_SLACK_SLACK_URL}
  # Auth0 Action "Draft", off at Auth0: to run it, take the # away
  # draft:
  #   uses: auth0-hook
  #   with:
  #     script: ./hooks/draft.js
`

const NAMES = [
  'MAIL_KEY',
  'mail_url',
  'OLD_SLACK_SLACK_URL',
  'TELL_SLACK_SLACK_URL',
  'CRM_TOKEN',
  'SYNC_TO_CRM_SLACK_URL',
]

describe('import auth0', () => {
  test('writes scripts, connectors and the names of secrets, and says what is left to do', async () => {
    await using folder = await withExport()
    const { code, stdout, stderr } = await runImport(folder, ['--mappings', MAPPINGS])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const files = await contents(folder)
    expect(Object.keys(files)).toEqual([
      '.env.example',
      'hooks/draft.js',
      'hooks/old-slack.js',
      'hooks/sync-to-crm.js',
      'hooks/tell-slack.js',
      'hooks/welcome-mail.js',
      'onsignup.yaml',
    ])
    expect(files['onsignup.yaml']).toBe(YAML)
    expect([...(files['.env.example'] ?? '').matchAll(/^(\w+)=(.*)$/gm)].map(([line]) => line)).toEqual(
      NAMES.map((name) => `${name}=`),
    )
    expect(files['hooks/sync-to-crm.js']).toBe(AUTH0_EXPORT['export/actions/Sync to CRM/code.js'])
    expect(files['hooks/welcome-mail.js']).toBe(
      AUTH0_EXPORT['export/hooks/Welcome Mail.js']
        ?.replace('##COMPANY##', 'Acme')
        .replace('##FROM##', 'hello@acme.com'),
    )
    for (const line of [
      'deploy-cli YAML',
      '  welcome-mail  hook "Welcome Mail", on',
      '    modules  axios 0.19.2, lodash ^4.17.21',
      '    hooks/welcome-mail.js:8  reads the secret AUDIT_URL, which the export does not list → add it to with.secrets, if it is one',
      '  old-slack  hook "old-slack", off: written as a comment',
      '    it was never deployed',
      '    secrets  CRM_TOKEN, SLACK_URL (as SYNC_TO_CRM_SLACK_URL)',
      '  new          hooks/welcome-mail.js',
      '  2. onsignup hooks install',
    ]) {
      expect(stdout.split('\n')).toContain(line)
    }
    expect(stdout).toMatch(/hooks\/sync-to-crm\.js:8 {2}api\.user\.setUserMetadata exists nowhere: it throws/)
    expect(stdout).toMatch(/hook gate {2}tenant\.yaml hooks\[2\] {2}pre-user-registration: .* → /)
    expect(stdout).toMatch(/action Add roles {2}tenant\.yaml actions\[3\] {2}post-login: .* → /)
    expect(stdout).not.toContain('was not replaced')
  })

  test('changes nothing when it is run again, and says so', async () => {
    await using folder = await withExport()
    await importAuth0(folder)
    const before = await contents(folder)
    const { code, stdout } = await importAuth0(folder)
    expect(code).toBe(0)
    expect(await contents(folder)).toEqual(before)
    expect(stdout.match(/^ {2}unchanged/gm)).toHaveLength(7)
    expect(stdout).not.toMatch(/^ {2}(?:new|changed|overwritten) /m)
    expect(stdout).toContain('welcome-mail  hook "Welcome Mail", there already, left as it is')
  })

  test('leaves what the operator made of its connectors, and says what they lack', async () => {
    await using folder = await withExport()
    await importAuth0(folder)
    const [given = '', draft = ''] = YAML.split(/(?<=take the # away\n)(?= {2}# draft)/)
    const mine =
      given
        .replace('uses: auth0-hook\n', 'uses: auth0-hook\n    timeout: 30s # mine\n')
        .replace(/ *CRM_TOKEN: .*\n/, '') + draft.replaceAll(/^ {2}# /gm, '  ')
    await folder.write('onsignup.yaml', mine)
    const { stdout } = await importAuth0(folder)
    expect((await contents(folder))['onsignup.yaml']).toBe(mine)
    expect(stdout).toContain(
      'its connector lacks secrets.CRM_TOKEN: ${CRM_TOKEN} → add what it needs by hand',
    )
  })

  test('knows a connector that the operator renamed, so that its script runs once', async () => {
    await using folder = await withExport()
    await importAuth0(folder)
    const mine = YAML.replace('\n  tell-slack:', '\n  team-channel:')
    await folder.write('onsignup.yaml', mine)
    const { stdout } = await importAuth0(folder)
    expect((await contents(folder))['onsignup.yaml']).toBe(mine)
    expect(stdout).toContain('team-channel  action "Tell Slack", there already, left as it is')
  })

  test('keeps every byte of a configuration that is there, and takes no name and no variable twice', async () => {
    await using folder = await withExport()
    const before = `# ours
store:   ./data/x.db   # keep it

connectors:
  # the team
  welcome-mail:
    uses: email
    with: { password: "\${MAIL_KEY}",   server: 'smtp://x' }

# the end
`
    await folder.write('onsignup.yaml', before)
    await folder.write('.env.example', 'MAIL_KEY=\n# CRM_TOKEN=\n')
    await importAuth0(folder)
    const files = await contents(folder)
    const yaml = files['onsignup.yaml'] ?? ''
    const [head = '', tail = ''] = before.split('\n\n# the end')
    expect(yaml.startsWith(`${head}\n  # Auth0 Hook`)).toBe(true)
    expect(yaml.endsWith(`\n\n# the end${tail}`)).toBe(true)
    expect(yaml).toContain('\n  welcome-mail-2:\n')
    expect(yaml).toContain('MAIL_KEY: ${WELCOME_MAIL_2_MAIL_KEY}')
    expect(
      files['.env.example']?.startsWith(
        'MAIL_KEY=\n# CRM_TOKEN=\n\n# welcome-mail-2\nWELCOME_MAIL_2_MAIL_KEY=\n',
      ),
    ).toBe(true)
    expect(files['.env.example']).not.toMatch(/^CRM_TOKEN=/m)
    const { stdout } = await importAuth0(folder)
    expect(await contents(folder)).toEqual(files)
    expect(stdout.match(/there already, left as it is/g)).toHaveLength(5)
  })

  test('--dry-run prints the plan and writes nothing', async () => {
    await using folder = await withExport()
    const { code, stdout } = await importAuth0(folder, ['--into', folder.path, '--dry-run'])
    expect(code).toBe(0)
    expect(stdout).toContain('would be written')
    expect(stdout).toContain('  new          onsignup.yaml')
    expect(await contents(folder)).toEqual({})
  })

  test('overwrites no script that differs, writes nothing else then, and does with --force', async () => {
    await using folder = await withExport()
    await folder.write('hooks/tell-slack.js', '// mine\n')
    const { code, stderr } = await importAuth0(folder)
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /other scripts are there already, and nothing was written:\n.*hooks\/tell-slack\.js\n.*--force/,
    )
    expect(await contents(folder)).toEqual({ 'hooks/tell-slack.js': '// mine\n' })
    const forced = await importAuth0(folder, ['--into', folder.path, '--force'])
    expect(forced.stdout).toContain('  overwritten  hooks/tell-slack.js')
    expect((await contents(folder))['hooks/tell-slack.js']).toBe(
      AUTH0_EXPORT['export/actions/Tell Slack/code.js'],
    )
  })

  test('goes through no link, and says what stands in its way', async () => {
    await using folder = await withExport()
    await folder.write('elsewhere.js', '// not ours\n')
    await mkdir(folder.at('hooks'))
    await symlink('../elsewhere.js', folder.at('hooks/draft.js'))
    const link = await importAuth0(folder, ['--into', folder.path, '--force'])
    expect(link).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('hooks/draft.js is there, and is no file'),
    })
    expect((await contents(folder))['elsewhere.js']).toBe('// not ours\n')
    await rm(folder.at('hooks'), { recursive: true })
    await folder.write('hooks', 'a file')
    const file = await importAuth0(folder)
    expect(file).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/hooks\/\S+ cannot be read \(ENOTDIR\)/),
    })
  })

  test('writes nothing when anything of the export is refused, and tells all of it at once', async () => {
    const { 'export/tenant.yaml': tenant = '', ...scripts } = AUTH0_EXPORT
    const hostile = tenant
      .replace('./hooks/old-slack.js', '../outside.js')
      .replace('./actions/Draft/code.js', '/etc/passwd')
    await using folder = await withExport({
      ...scripts,
      'export/tenant.yaml': hostile,
      'outside.js': 'secret',
    })
    const { code, stderr, stdout } = await importAuth0(folder)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(
      /2 things in export cannot be taken in\n.*leads out of the export.*\n.*absolute path/,
    )
    expect(Object.keys(await contents(folder))).toEqual(['outside.js'])
  })

  test('writes nothing when the configuration cannot take it', async () => {
    await using folder = await withExport()
    await folder.write('onsignup.yaml', 'connectors: { a: { uses: slack } }\n')
    const { code, stderr } = await importAuth0(folder)
    expect(code).toBe(2)
    expect(stderr).toMatch(/onsignup\.yaml:1:11 .*write each connector on lines of its own/)
    expect(Object.keys(await contents(folder))).toEqual(['onsignup.yaml'])
  })

  test('goes where --into and --config say, with paths from the configuration', async () => {
    await using folder = await withExport()
    const into = await importAuth0(folder, ['--into', folder.at('a')])
    const both = await runImport(folder, ['--into', 'scripts', '--config', 'b/conf.yaml'])
    expect([into.code, both.code]).toEqual([0, 0])
    const files = await contents(folder)
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining([
        'a/onsignup.yaml',
        'a/.env.example',
        'a/hooks/draft.js',
        'b/conf.yaml',
        'b/.env.example',
        'scripts/hooks/draft.js',
      ]),
    )
    expect(files['b/conf.yaml']).toContain('script: ../scripts/hooks/welcome-mail.js')
    expect(both.stdout).toContain('onsignup hooks install --config b/conf.yaml')
  })

  test('takes keywords from a file and from the environment, and says which are left and where', async () => {
    await using folder = await withExport()
    await folder.write('mappings.json', '{ "COMPANY": "Acme" }')
    const file = await runImport(folder, ['--mappings', 'mappings.json'])
    expect(file.stdout).toContain('hooks/welcome-mail.js:7  ##FROM## was not replaced')
    expect(file.stdout).not.toContain('##COMPANY##')
    await using other = await withExport()
    const variable = await runImport(other, [], {
      AUTH0_KEYWORD_REPLACE_MAPPINGS: '{ "FROM": "f" }',
    })
    expect(variable.stdout).toContain('hooks/welcome-mail.js:1  ##COMPANY## was not replaced')
    const broken = await importAuth0(other, ['--mappings', '{ "A": '])
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('--mappings is no JSON object') })
    const missing = await importAuth0(other, ['--mappings', 'none.json'])
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('none.json cannot be read') })
  })

  test('writes no value of a secret anywhere, and says that the export has it', async () => {
    const main = `resource "auth0_hook" "a" {
  name       = "A hook"
  trigger_id = "post-user-registration"
  enabled    = true
  script     = file("\${path.module}/a.js")
  secrets = {
    KEY = "sk-live-1234567890"
    URL = var.url
  }
}
`
    await using folder = await withExport({
      'export/main.tf': main,
      'export/a.js': 'module.exports = (user, context, cb) => cb()\n',
    })
    const { code, stdout } = await importAuth0(folder)
    expect(code).toBe(0)
    expect(stdout).toContain('the export holds the value of KEY: it was left out')
    expect(`${stdout}${JSON.stringify(await contents(folder))}`).not.toContain('sk-live')
  })

  test('exits 1 when nothing of the export runs after a registration', async () => {
    await using folder = await withExport({
      'export/tenant.yaml':
        'hooks:\n  - { name: a, script: ./a.js, triggerId: credentials-exchange, enabled: true }\n',
    })
    const { code, stdout } = await importAuth0(folder)
    expect(code).toBe(1)
    expect(stdout).toMatch(/hook a .* credentials-exchange: .*\nnothing of it runs after a registration/)
    expect(await contents(folder)).toEqual({})
  })

  test('tells who names something else what it looked for', async () => {
    await using folder = await withExport({ 'export/package.json': '{}' })
    const { code, stderr } = await importAuth0(folder)
    expect(code).toBe(2)
    expect(stderr).toMatch(/export holds no Auth0 export; looked for:\n(?: {2}.*\n){4}/)
  })
})
