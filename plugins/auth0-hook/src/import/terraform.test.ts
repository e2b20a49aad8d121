import { describe, expect, test } from 'vitest'
import { readAuth0Export } from './index.ts'
import { ACTION, createExport, HOOK } from './test-support.ts'

const MAIN = `
terraform {
  required_providers { auth0 = { source = "auth0/auth0" } }
}

variable "slack_url" { sensitive = true }

locals {
  stage = "prod"
}

resource "auth0_client" "app" { name = "an app" }

resource "auth0_hook" "welcome" {
  name       = "\${local.stage} welcome"
  trigger_id = "post-user-registration"
  enabled    = true
  script     = <<-EOT
    module.exports = function (user, context, cb) {
      console.log(\`hello $\${user.email}\`, "%%{x}", '\\d')
      cb()
    }
  EOT
  dependencies = {
    "aws-sdk" = "^2.949.0"
  }
  secrets = {
    SLACK_URL = var.slack_url
    API_KEY   = "sk-written-down"
  }
}

resource "auth0_hook" "from_file" {
  name       = "from file"
  trigger_id = "post-user-registration"
  script     = file("\${path.module}/hooks/b.js")
}

resource "auth0_action" "a" {
  name   = "A"
  code   = file("\${path.module}/a.js")
  deploy = true
  supported_triggers {
    id      = "post-user-registration"
    version = "v2"
  }
  dependencies {
    name    = "axios"
    version = "1.7.2"
  }
  secrets {
    name  = "SLACK_URL"
    value = var.slack_url
  }
}

resource "auth0_action" "b" {
  name   = "B"
  code   = templatefile("a.tftpl", {})
  deploy = true
  supported_triggers {
    id      = "post-user-registration"
    version = "v2"
  }
  dynamic "secrets" {
    for_each = var.more
    content {
      name  = secrets.key
      value = secrets.value
    }
  }
}

resource "auth0_trigger_actions" "bound" {
  trigger = "post-user-registration"
  actions {
    id           = auth0_action.b.id
    display_name = auth0_action.b.name
  }
  actions {
    id           = auth0_action.a.id
    display_name = auth0_action.a.name
  }
}
`

const FILES = {
  'main.tf': MAIN,
  'hooks/b.js': HOOK,
  'a.js': ACTION,
  'a.tftpl': `${ACTION}// $\${not} replaced\n`,
}

describe('Terraform', () => {
  test('gives its hooks and Actions, bound in their order', async () => {
    await using folder = await createExport(FILES)
    const { format, scripts, notTaken } = await readAuth0Export(folder.path)
    expect(format).toBe('Terraform')
    expect(notTaken).toEqual([])
    expect(scripts.map(({ what, name, on, where }) => [what, name, on, where])).toEqual([
      ['hook', 'from file', false, 'main.tf auth0_hook.from_file'],
      ['hook', 'prod welcome', true, 'main.tf auth0_hook.welcome'],
      ['action', 'B', true, 'main.tf auth0_action.b'],
      ['action', 'A', true, 'main.tf auth0_action.a'],
    ])
    expect(scripts.map(({ dependencies }) => Object.fromEntries(dependencies))).toEqual([
      {},
      { 'aws-sdk': '^2.949.0' },
      {},
      { axios: '1.7.2' },
    ])
    expect(scripts[2]?.remarks).toEqual([expect.stringContaining('dynamic blocks')])
  })

  test('gives the text of scripts: heredocs unescaped, files byte for byte, templates without a value in them', async () => {
    await using folder = await createExport(FILES)
    const { scripts } = await readAuth0Export(folder.path)
    expect(scripts.map(({ source }) => source)).toEqual([
      HOOK,
      'module.exports = function (user, context, cb) {\n  console.log(`hello ${user.email}`, "%{x}", \'\\d\')\n  cb()\n}\n',
      `${ACTION}// \${not} replaced\n`,
      ACTION,
    ])
  })

  test('tells a secret that is written down from one that is referred to', async () => {
    await using folder = await createExport(FILES)
    const { scripts } = await readAuth0Export(folder.path)
    expect(scripts[1]?.secrets).toEqual([
      { name: 'API_KEY', meaning: 'sk-written-down', isWritten: true },
      { name: 'SLACK_URL', meaning: '${var.slack_url}', isWritten: false },
    ])
    expect(scripts[3]?.secrets).toMatchObject([{ meaning: '${var.slack_url}', isWritten: false }])
  })

  test.each([
    ['an interpolation', 'script = "module.exports = ${var.x}"'],
    ['a function', 'script = join("", [file("hooks/b.js")])'],
    ['a file beside a value', 'script = "${file("hooks/b.js")}// ${var.x}"'],
    ['two files', 'script = "${file("hooks/b.js")}${file("a.js")}"'],
    ['a file and a function', 'script = replace(file("hooks/b.js"), "a", "b")'],
    ['a file by a variable', 'script = file(var.file)'],
    ['a template with values', 'script = templatefile("t.js", { a = 1 })'],
  ])('leaves out a script that is computed, and takes the others: %s', async (_what, script) => {
    await using folder = await createExport({
      ...FILES,
      't.js': 'x = ${a}',
      'more.tf': `resource "auth0_hook" "computed" {\n  name = "c"\n  trigger_id = "post-user-registration"\n  ${script}\n}\n`,
    })
    const { scripts, notTaken } = await readAuth0Export(folder.path)
    expect(scripts).toHaveLength(4)
    expect(notTaken).toMatchObject([
      { what: 'hook c', where: 'more.tf auth0_hook.computed', why: expect.stringContaining('computed') },
    ])
  })

  test('is read in its JSON form, in modules below, and as one file', async () => {
    const resource = { name: 'j', trigger_id: 'post-user-registration', script: HOOK, enabled: true }
    await using folder = await createExport({
      'modules/auth/hooks.tf.json': JSON.stringify({ resource: { auth0_hook: { j: resource } } }),
      'modules/auth/more.tf':
        'resource "auth0_hook" "m" {\n  name = "m"\n  trigger_id = "post-user-registration"\n  script = file("../m.js")\n}\n',
      'modules/m.js': HOOK,
      '.terraform/modules/x/main.tf': MAIN,
    })
    const { scripts } = await readAuth0Export(folder.path)
    expect(scripts.map(({ name, on, source }) => [name, on, source])).toEqual([
      ['j', true, HOOK],
      ['m', false, HOOK],
    ])
    await expect(readAuth0Export(folder.at('modules/auth/hooks.tf.json'))).resolves.toMatchObject({
      scripts: [{ name: 'j' }],
    })
  })

  test('does not know of bindings that are made elsewhere', async () => {
    const [, unbound] = /^(.*)resource "auth0_trigger_actions"/s.exec(MAIN) ?? []
    await using folder = await createExport({ ...FILES, 'main.tf': unbound ?? '' })
    const { scripts } = await readAuth0Export(folder.path)
    expect(scripts.at(-1)).toMatchObject({
      on: true,
      remarks: [expect.any(String), expect.stringContaining('does not say')],
    })
  })

  test('takes bindings that are made one by one', async () => {
    const [, unbound] = /^(.*)resource "auth0_trigger_actions"/s.exec(MAIN) ?? []
    const one =
      'resource "auth0_trigger_action" "x" {\n  trigger = "post-user-registration"\n  action_id = auth0_action.a.id\n}\n'
    await using folder = await createExport({ ...FILES, 'main.tf': `${unbound}${one}` })
    const { scripts } = await readAuth0Export(folder.path)
    expect(scripts.slice(2).map(({ name, on }) => [name, on])).toEqual([
      ['A', true],
      ['B', false],
    ])
  })

  test.each([
    [
      'what is not its language',
      'resource "auth0_hook" "x" {\n  secret = "sk-1" "\n}\n',
      /main\.tf {2}line \d+ is not Terraform's/,
    ],
    [
      'what is nested without end',
      `locals {\n  a = ${'('.repeat(20_000)}1${')'.repeat(20_000)}\n}\n`,
      /is not Terraform's/,
    ],
  ])('refuses %s, without showing it', async (_what, text, message) => {
    await using folder = await createExport({ 'main.tf': text })
    await expect(readAuth0Export(folder.at('main.tf'))).rejects.toThrow(message)
    await expect(readAuth0Export(folder.at('main.tf'))).rejects.not.toThrow(/sk-1/)
  })

  test('refuses JSON that is none', async () => {
    await using folder = await createExport({ 'main.tf.json': '{ "locals": [' })
    await expect(readAuth0Export(folder.path)).rejects.toThrow(
      /main\.tf\.json {2}line 1 is neither YAML nor JSON/,
    )
  })
})
