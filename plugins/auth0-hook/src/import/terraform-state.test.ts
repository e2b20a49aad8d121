import { describe, expect, test } from 'vitest'
import { readAuth0Export } from './index.ts'
import { ACTION, createExport, HOOK } from './test-support.ts'

const TRIGGERS = [{ id: 'post-user-registration', version: 'v2' }]

const hook = {
  name: 'Welcome',
  trigger_id: 'post-user-registration',
  enabled: true,
  script: HOOK,
  dependencies: { 'aws-sdk': '2.950.0' },
  secrets: { API_KEY: 'sk-in-the-state' },
}

const action = (id: string, name: string, deploy = true) => ({
  id,
  name,
  deploy,
  code: ACTION,
  supported_triggers: TRIGGERS,
  dependencies: [{ name: 'axios', version: '1.7.2' }],
  secrets: [{ name: 'SLACK_URL', value: 'https://hooks.example' }],
})

const bound = {
  trigger: 'post-user-registration',
  actions: [
    { id: 'act-b', display_name: 'B' },
    { id: 'act-a', display_name: 'A' },
  ],
}

const shown = (type: string, name: string, values: object) => ({
  address: `${type}.${name}`,
  mode: 'managed',
  type,
  name,
  values,
})

/** As `terraform show -json` prints it. */
const SHOWN = {
  format_version: '1.0',
  terraform_version: '1.9.0',
  values: {
    root_module: {
      resources: [
        shown('auth0_hook', 'welcome', hook),
        { ...shown('auth0_action', 'read', action('act-d', 'only read')), mode: 'data' },
        shown('aws_iam_user', 'x', { name: 'x' }),
      ],
      child_modules: [
        {
          address: 'module.auth',
          resources: [
            {
              ...shown('auth0_action', 'a', action('act-a', 'A')),
              address: 'module.auth.auth0_action.a["x"]',
            },
            shown('auth0_trigger_actions', 'bound', bound),
          ],
          child_modules: [{ resources: [shown('auth0_action', 'b', action('act-b', 'B'))] }],
        },
      ],
    },
  },
}

const kept = (type: string, name: string, attributes: object, module?: string) => ({
  module,
  mode: 'managed',
  type,
  name,
  instances: [{ schema_version: 0, attributes }],
})

/** As terraform.tfstate has it. */
const KEPT = {
  version: 4,
  terraform_version: '1.9.0',
  resources: [
    kept('auth0_hook', 'welcome', hook),
    kept('auth0_trigger_actions', 'bound', bound),
    kept('auth0_action', 'b', action('act-b', 'B'), 'module.auth'),
    {
      ...kept('auth0_action', 'a', {}),
      instances: [{ index_key: 'x', attributes: action('act-a', 'A') }],
    },
  ],
}

describe("a state of Terraform's", () => {
  test.each([
    [
      'terraform show -json',
      SHOWN,
      ['auth0_hook.welcome', 'auth0_action.b', 'module.auth.auth0_action.a["x"]'],
    ],
    ['terraform.tfstate', KEPT, ['auth0_hook.welcome', 'module.auth.auth0_action.b', 'auth0_action.a["x"]']],
  ])('as %s has it gives its hooks and Actions, bound in their order', async (_what, state, addresses) => {
    await using folder = await createExport({ 'state.json': JSON.stringify(state) })
    const { format, scripts, notTaken } = await readAuth0Export(folder.at('state.json'))
    expect(format).toBe('Terraform state')
    expect(notTaken).toEqual([])
    expect(scripts.map(({ what, name, on, source }) => [what, name, on, source])).toEqual([
      ['hook', 'Welcome', true, HOOK],
      ['action', 'B', true, ACTION],
      ['action', 'A', true, ACTION],
    ])
    expect(scripts.map(({ where }) => where)).toEqual(addresses.map((address) => `state.json ${address}`))
    expect(scripts.map(({ dependencies }) => Object.fromEntries(dependencies))).toEqual([
      { 'aws-sdk': '2.950.0' },
      { axios: '1.7.2' },
      { axios: '1.7.2' },
    ])
    expect(scripts.flatMap(({ secrets }) => secrets)).toMatchObject([
      { name: 'API_KEY', isWritten: true },
      { name: 'SLACK_URL', isWritten: true },
      { name: 'SLACK_URL', isWritten: true },
    ])
  })

  test('takes bindings that were made one by one, and leaves what is not bound or not deployed off', async () => {
    const resources = [
      kept('auth0_trigger_action', 'one', { trigger: 'post-user-registration', action_id: 'act-a' }),
      kept('auth0_action', 'a', action('act-a', 'A', false)),
      kept('auth0_action', 'b', action('act-b', 'B')),
    ]
    await using folder = await createExport({ 'state.json': JSON.stringify({ ...KEPT, resources }) })
    const { scripts } = await readAuth0Export(folder.at('state.json'))
    expect(scripts.map(({ name, on, remarks }) => [name, on, remarks])).toEqual([
      ['A', false, ['it was never deployed']],
      ['B', false, ['it was not bound to the trigger']],
    ])
  })

  test('that has a hook without its script is refused', async () => {
    const resources = [kept('auth0_hook', 'welcome', { ...hook, script: null })]
    await using folder = await createExport({ 'state.json': JSON.stringify({ ...KEPT, resources }) })
    await expect(readAuth0Export(folder.at('state.json'))).rejects.toThrow(
      'state.json auth0_hook.welcome  it has no script',
    )
  })

  test('that has nothing of Auth0 is no export', async () => {
    await using folder = await createExport({ 'state.json': JSON.stringify({ ...KEPT, resources: [] }) })
    await expect(readAuth0Export(folder.at('state.json'))).rejects.toThrow('terraform show -json')
  })
})
