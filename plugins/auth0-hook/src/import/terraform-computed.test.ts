import { describe, expect, test } from 'vitest'
import { readAuth0Export } from './index.ts'
import { ACTION, createExport, HOOK } from './test-support.ts'

const action = (label: string, more = ''): string => `
resource "auth0_action" "${label}" {
  name   = "${label}"
  code   = file("a.js")
  deploy = true
  supported_triggers {
    id      = "post-user-registration"
    version = "v2"
  }
  ${more}
}
`

const hook = (label: string, more: string): string => `
resource "auth0_hook" "${label}" {
  trigger_id = "post-user-registration"
  script     = file("h.js")
  ${more}
}
`

const binding = (body: string, trigger = '"post-user-registration"'): string =>
  `resource "auth0_trigger_actions" "bound" {\n  trigger = ${trigger}\n  ${body}\n}\n`

const FILES = { 'a.js': ACTION, 'h.js': HOOK }
const NOT_SAID = expect.stringContaining('does not say whether it was bound')

const scriptsOf = async (files: Readonly<Record<string, string>>) => {
  await using folder = await createExport({ ...FILES, ...files })
  return await readAuth0Export(folder.path)
}

describe('what Terraform computes', () => {
  test.each([
    ['by an id of a data source', 'actions {\n id = data.auth0_action.a.id\n display_name = "A"\n }'],
    ['by an id that is written down', 'actions {\n id = "0f3c"\n display_name = "A"\n }'],
    ['by a choice', 'actions {\n id = var.x ? auth0_action.a.id : "y"\n display_name = "A"\n }'],
    [
      'in a dynamic block',
      'dynamic "actions" {\n for_each = local.all\n content {\n id = actions.value\n }\n }',
    ],
    ['as a list', 'actions = [for each in local.all : { id = each }]'],
  ])('leaves the Actions on that it may bind: %s', async (_what, body) => {
    const { scripts } = await scriptsOf({ 'main.tf': `${action('a')}${action('b')}${binding(body)}` })
    expect(scripts.map(({ name, on }) => [name, on])).toEqual([
      ['a', true],
      ['b', true],
    ])
    expect(scripts.at(-1)?.remarks).toEqual([NOT_SAID])
  })

  test('leaves them on where the trigger is computed, and off where it is another', async () => {
    const body = 'actions {\n id = auth0_action.b.id\n display_name = "B"\n }'
    const computed = await scriptsOf({ 'main.tf': `${action('a')}${binding(body, 'var.trigger')}` })
    expect(computed.scripts).toMatchObject([{ name: 'a', on: true, remarks: [NOT_SAID] }])
    const another = await scriptsOf({ 'main.tf': `${action('a')}${binding(body, '"post-login"')}` })
    expect(another.scripts).toMatchObject([{ name: 'a', on: false }])
  })

  test('finds an Action that is bound by one of many', async () => {
    const body = 'actions {\n id = auth0_action.a[0].id\n display_name = "A"\n }'
    const { scripts } = await scriptsOf({
      'main.tf': `${action('a', 'count = 1')}${action('b')}${binding(body)}`,
    })
    expect(scripts.map(({ name, on, remarks }) => [name, on, remarks])).toEqual([
      ['a', true, []],
      ['b', false, ['it was not bound to the trigger']],
    ])
  })

  test.each([
    ['count = 0', 'count = 0'],
    ['a local', 'count = local.none'],
    ['for_each', 'for_each = {}'],
  ])('leaves out what it makes none of: %s', async (_what, more) => {
    const { scripts, notTaken } = await scriptsOf({
      'main.tf': `locals {\n none = 0\n}\n${action('a', more)}${hook('h', more)}${action('b')}`,
    })
    expect(scripts.map(({ name }) => name)).toEqual(['b'])
    expect(notTaken).toMatchObject([
      { what: 'hook h', why: 'Terraform makes none of it' },
      { what: 'action a', why: 'Terraform makes none of it' },
    ])
  })

  test('says when it is not known how many there are, and takes one', async () => {
    const { scripts } = await scriptsOf({ 'main.tf': hook('h', 'count = var.on ? 1 : 0') })
    expect(scripts[0]?.remarks).toEqual(['how many Terraform makes of it is not known here; one was taken'])
  })

  test('says which secrets and dependencies are not known', async () => {
    const { scripts } = await scriptsOf({
      'main.tf': hook('h', 'secrets = merge(local.a, local.b)\n dependencies = var.modules'),
    })
    expect(scripts[0]?.remarks).toEqual([
      'its secrets are computed by Terraform, and are not known here',
      'its dependencies are computed by Terraform, and are not known here',
    ])
  })
})

test("a hook's secrets and dependencies may be blocks, as older files write them", async () => {
  const { scripts } = await scriptsOf({
    'main.tf': hook('h', 'secrets {\n KEY = var.key\n }\n dependencies {\n axios = "0.19.2"\n }'),
  })
  expect(scripts[0]?.secrets).toMatchObject([{ name: 'KEY', isWritten: false }])
  expect(scripts[0]?.dependencies).toEqual(new Map([['axios', '0.19.2']]))
})

describe('a folder of Terraform', () => {
  test('is a module of its own: its names are not those of another', async () => {
    const local = (stage: string) =>
      `locals {\n stage = "${stage}"\n}\n${hook('h', 'name = "${local.stage} hook"')}`
    const { scripts } = await scriptsOf({
      'eu/main.tf': `${local('eu')}${action('a')}${binding('actions {\n id = auth0_action.a.id\n }')}`,
      'us/main.tf': `${local('us')}${action('a')}`,
      'eu/a.js': ACTION,
      'eu/h.js': HOOK,
      'us/a.js': ACTION,
      'us/h.js': HOOK,
    })
    expect(scripts.map(({ name, on, where }) => [name, on, where])).toEqual([
      ['eu hook', false, 'eu/main.tf auth0_hook.h'],
      ['us hook', false, 'us/main.tf auth0_hook.h'],
      ['a', true, 'eu/main.tf auth0_action.a'],
      ['a', false, 'us/main.tf auth0_action.a'],
    ])
  })
})

describe("a variable's default", () => {
  const VARIABLE = `variable "stage" {\n default = "dev"\n}\n${hook('h', 'name = "${var.stage} hook"')}`
  const nameIn = async (files: Readonly<Record<string, string>>): Promise<string | undefined> =>
    (await scriptsOf(files)).scripts[0]?.name

  test('is taken where nobody gives another', async () => {
    expect(await nameIn({ 'main.tf': VARIABLE })).toBe('dev hook')
    expect(await nameIn({ 'main.tf': VARIABLE, 'terraform.tfvars': 'stage = "dev"\n' })).toBe('dev hook')
    expect(await nameIn({ 'main.tf': VARIABLE, 'terraform.tfvars': 'region = "eu"\n' })).toBe('dev hook')
  })

  test.each([
    ['terraform.tfvars', 'stage = "prod"\n'],
    ['envs/prod.tfvars', 'stage = "prod"\n'],
    ['prod.auto.tfvars.json', '{ "stage": "prod" }'],
    ['other.tf', 'module "self" {\n source = "./."\n stage = var.other\n}\n'],
  ])('is not taken where %s gives another', async (file, text) => {
    expect(await nameIn({ 'main.tf': VARIABLE, [file]: text })).toBe('h')
  })

  test('is not taken in a module that is called with another', async () => {
    const call = (more: string) => `module "hooks" {\n source = "../modules/hooks"\n ${more}\n}\n`
    const files = { 'modules/hooks/main.tf': VARIABLE, 'modules/hooks/h.js': HOOK }
    expect(await nameIn({ ...files, 'live/main.tf': call('stage = "prod"') })).toBe('h')
    expect(await nameIn({ ...files, 'live/main.tf': call('') })).toBe('dev hook')
  })

  test('is looked at beside a file that is named alone', async () => {
    await using folder = await createExport({ ...FILES, 'main.tf': VARIABLE, 'x.tfvars': 'stage = "prod"\n' })
    await expect(readAuth0Export(folder.at('main.tf'))).resolves.toMatchObject({ scripts: [{ name: 'h' }] })
  })
})
