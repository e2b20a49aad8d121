import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { analyseScript } from '../analysis.ts'
import { lookAtModules, planModules, writeManifest } from './install.ts'
import { ManifestError, manifestWith } from './manifest.ts'
import { detectPackageManager, installCommand } from './package-manager.ts'
import { folderOf, packageOf } from './test-support.ts'
import type { Dependencies } from './pinned.ts'
import { wantedModules, type WantedModule } from './wanted.ts'

const wantedOf = (source: string, dependencies = {}) => wantedModules(analyseScript(source), dependencies)

const one = (name: string, version?: string): WantedModule => {
  const [found] = wantedOf(`require('${name}${version === undefined ? '' : `@${version}`}')`).wanted
  if (found === undefined) throw new Error(`${name} is not wanted`)
  return found
}

describe('what a script wants installed', () => {
  test('is each package in each version, side by side', () => {
    const source = `require('axios'); require('axios@0.19.2'); require('./node_modules/axios@0.19.2/lib/axios')
      require('https'); require('./helper'); require(name); require('lodash')`
    const { wanted, refused } = wantedOf(source, { lodash: '4.17.21', 'aws-sdk': '^2.949.0' })
    expect(wanted.map(({ installedAs, specifier }) => [installedAs, specifier])).toEqual([
      ['lodash-4.17.21', 'npm:lodash@4.17.21'],
      ['aws-sdk-_5e2.949.0', 'npm:aws-sdk@^2.949.0'],
      ['axios', '*'],
      ['axios-0.19.2', 'npm:axios@0.19.2'],
    ])
    expect(refused).toEqual([])
  })

  test('is an old version where a script of Auth0’s time cannot use the newest', () => {
    expect(one('node-fetch').specifier).toBe('^2.6.0')
    expect(one('mongodb').specifier).toBe('^4.1.0')
    expect(one('node-fetch', '3.3.2').specifier).toBe('npm:node-fetch@3.3.2')
    expect(one('box-node-sdk').specifier).toBe('^3.0.0')
    expect(one('firebase-admin').specifier).toBe('^13.0.0')
    expect(one('mongoose').specifier).toBe('^6.0.0')
    expect(one('@slack/client').specifier).toBe('^4.12.0')
  })

  test('is a uuid that a Hook can call, and of which it can require uuid/v4', () => {
    expect(one('uuid/v4')).toMatchObject({ name: 'uuid', installedAs: 'uuid', specifier: '^3.4.0' })
    expect(wantedOf("module.exports = () => require('uuid')()").wanted).toMatchObject([
      { specifier: '^3.4.0' },
    ])
  })

  test.each([
    ["new (require('auth0').ManagementClient)({})", 'management.assignRolestoUser({}, {})', '^3.0.0'],
    ["require('auth0')", 'client.updateAppMetadata({ id }, {})', '^3.0.0'],
    ["require('auth0')", 'authClient.requestChangePasswordEmail({})', '^3.0.0'],
    ["require('auth0')", 'management.users.update({ id }, {})', '^4.0.0'],
    ["require('auth0')", 'supabase.auth.admin.createUser({})', '^4.0.0'],
    ["require('auth0')", 'client[updateUser]()', '^4.0.0'],
  ])('is the auth0 whose methods an Action calls: %s, %s', (required, call, specifier) => {
    const source = `exports.onExecutePostUserRegistration = async () => { ${required}; await ${call} }`
    expect(wantedOf(source).wanted).toMatchObject([{ name: 'auth0', specifier }])
  })

  test('is auth0 3 for a Hook, and 4 for an Action', () => {
    const action = (source: string) => `exports.onExecutePostUserRegistration = async () => { ${source} }`
    expect(wantedOf("module.exports = () => require('auth0')").wanted).toMatchObject([
      { specifier: '^3.0.0' },
    ])
    expect(wantedOf(action("require('auth0'); require('uuid')")).wanted).toMatchObject([
      { name: 'auth0', installedAs: 'auth0', specifier: '^4.0.0' },
      { name: 'uuid', specifier: '^8.3.0' },
    ])
    expect(wantedOf(action("require('auth0')"), { auth0: '3.7.2' }).wanted).toMatchObject([
      { installedAs: 'auth0-3.7.2' },
    ])
  })

  test('is each of two versions where two scripts of a folder would get them under one name', () => {
    using folder = folderOf({
      'a.js': "module.exports = () => require('auth0')",
      'b.js': "exports.onExecutePostUserRegistration = async () => { require('auth0') }",
    })
    const planOf = (dependencies: Dependencies) =>
      planModules([
        { file: folder.at('a.js'), dependencies: {} },
        { file: folder.at('b.js'), dependencies },
      ])
    expect(planOf({})).toMatchObject([
      {
        wanted: [
          { installedAs: 'auth0', specifier: '^3.0.0' },
          { installedAs: 'auth0-_5e4.0.0', specifier: 'npm:auth0@^4.0.0' },
        ],
        refused: [],
      },
    ])
    expect(planOf({ auth0: '^4.0.0' })).toMatchObject([
      { wanted: [{ installedAs: 'auth0' }, { installedAs: 'auth0-_5e4.0.0' }], refused: [] },
    ])
  })

  test.each([
    [{ '../x': '1.0.0' }, '', '../x'],
    [{ '--flag': '1.0.0' }, '', '--flag'],
    [{ axios: 'file:../../etc' }, '', 'axios@file:../../etc'],
    [{ axios: '--ignore-scripts=false' }, "require('axios')", 'axios@--ignore-scripts=false'],
    [{}, "require('--flag')", '--flag'],
    [{}, "require('axios@npm:evil@1')", 'axios@npm:evil@1'],
  ])('is nothing of %j and %s', (dependencies, source, request) => {
    const { wanted, refused } = wantedOf(source, dependencies)
    expect(wanted).toEqual([])
    expect(refused).toMatchObject([{ request }])
  })
})

describe('the package.json of a folder of scripts', () => {
  test('is made where there is none, and the same again the next time', () => {
    const text = manifestWith(undefined, [one('lodash', '4.17.21'), one('axios')])
    expect(JSON.parse(text)).toEqual({
      private: true,
      description: 'Modules of the scripts in this folder, for onsignup.',
      dependencies: { axios: '*', 'lodash-4.17.21': 'npm:lodash@4.17.21' },
      onsignup: { modules: { axios: '*', 'lodash-4.17.21': 'npm:lodash@4.17.21' } },
    })
    expect(manifestWith(text, [one('lodash', '4.17.21'), one('axios')])).toBe(text)
  })

  test('keeps what its owner wrote, in its order, and loses what no script wants any more', () => {
    const text = JSON.stringify({
      version: '1.0.0',
      dependencies: { axios: '^0.27.0', gone: '*', own: '1.0.0' },
      scripts: { test: 'x' },
      onsignup: { modules: { gone: '*' }, note: 'mine' },
      private: true,
    })
    const manifest: unknown = JSON.parse(manifestWith(text, [one('axios'), one('lodash', '4.17.21')]))
    expect(manifest).toEqual({
      version: '1.0.0',
      dependencies: { axios: '^0.27.0', 'lodash-4.17.21': 'npm:lodash@4.17.21', own: '1.0.0' },
      scripts: { test: 'x' },
      onsignup: { modules: { 'lodash-4.17.21': 'npm:lodash@4.17.21' }, note: 'mine' },
      private: true,
    })
    expect(Object.keys(Object(manifest))).toEqual([
      'version',
      'dependencies',
      'scripts',
      'onsignup',
      'private',
    ])
  })

  test('gets another version of what was written here when the scripts need another', () => {
    const action = manifestWith(undefined, [{ ...one('auth0'), specifier: '^4.0.0' }])
    const hook = manifestWith(action, [one('auth0')])
    expect(JSON.parse(hook)).toMatchObject({
      dependencies: { auth0: '^3.0.0' },
      onsignup: { modules: { auth0: '^3.0.0' } },
    })
  })

  test('keeps the version that its owner gave to what was written for him, also when no script wants it', () => {
    const text = manifestWith(undefined, [one('axios')]).replace('"axios": "*"', '"axios": "^1.7.0"')
    const written = manifestWith(text, [one('axios')])
    expect(JSON.parse(written)).toMatchObject({
      dependencies: { axios: '^1.7.0' },
      onsignup: { modules: {} },
    })
    expect(manifestWith(written, [one('axios')])).toBe(written)
    expect(JSON.parse(manifestWith(text, []))).toMatchObject({ dependencies: { axios: '^1.7.0' } })
  })

  test('is read as it was written before, with names alone: versions in it stay', () => {
    const dependencies = { auth0: '^4.1.0', axios: '*', gone: '*', own: '1.0.0' }
    const text = JSON.stringify({ dependencies, onsignup: { modules: ['auth0', 'axios', 'gone'] } })
    const written = manifestWith(text, [one('auth0'), one('axios')])
    expect(JSON.parse(written)).toEqual({
      dependencies: { auth0: '^4.1.0', axios: '*', own: '1.0.0' },
      onsignup: { modules: { axios: '*' } },
    })
    expect(manifestWith(written, [one('auth0'), one('axios')])).toBe(written)
  })

  test.each(['{', '[]', '{"dependencies": {"a": 1}}', '{"dependencies": []}', 'null'])(
    'is not touched when it is none: %s',
    (text) => {
      expect(() => manifestWith(text, [one('axios')])).toThrow(ManifestError)
    },
  )

  test('is written beside the scripts, for all of them', () => {
    using folder = folderOf({
      'a/one.js': "require('axios@0.19.2')",
      'a/two.js': "require('lodash@4.17.21')",
      'b/none.js': "require('https')",
    })
    const plans = planModules(
      ['a/one.js', 'a/two.js', 'b/none.js'].map((name) => ({ file: folder.at(name), dependencies: {} })),
    )
    expect(plans.map((plan) => [plan.folder, writeManifest(plan)])).toEqual([
      [folder.at('a'), true],
      [folder.at('b'), false],
    ])
    const written: unknown = JSON.parse(readFileSync(folder.at('a/package.json'), 'utf8'))
    expect(written).toMatchObject({ dependencies: { 'axios-0.19.2': 'npm:axios@0.19.2' } })
    expect(plans.map((plan) => writeManifest(plan))).toEqual([false, false])
  })
})

test('what is installed is looked at: versions, install scripts that were not run, and what is missing', () => {
  const { [`node_modules/bcrypt/package.json`]: _, ...rest } = packageOf('bcrypt', '5.1.0')
  using folder = folderOf({
    'one.js': "require('axios@0.19.2')\nrequire('bcrypt')\nrequire('stripe')",
    ...packageOf('axios-0.19.2', '0.19.2'),
    ...rest,
    'node_modules/bcrypt/package.json': { version: '5.1.0', scripts: { install: 'node-gyp rebuild' } },
  })
  const [plan] = planModules([{ file: folder.at('one.js'), dependencies: {} }])
  if (plan === undefined) throw new Error('there is no plan')
  const { modules, missing } = lookAtModules(plan)
  expect(modules.map(({ name, found, unbuilt }) => [name, found, unbuilt])).toEqual([
    ['axios', '0.19.2', false],
    ['bcrypt', '5.1.0', true],
    ['stripe', undefined, false],
  ])
  expect(missing).toMatchObject([{ request: 'stripe', line: 3 }])
})

describe('the package manager', () => {
  test.each([
    [{}, undefined, 'npm'],
    [{}, 'pnpm/12.21.0 npm/? node/v24', 'pnpm'],
    [{ 'hooks/yarn.lock': '' }, 'pnpm/12.21.0', 'yarn'],
    [{ 'pnpm-lock.yaml': '' }, 'npm/11', 'pnpm'],
    [{ 'pnpm-lock.yaml': '', 'hooks/package-lock.json': '{}' }, undefined, 'npm'],
    [{ 'package.json': { packageManager: 'yarn@4.1.0' } }, undefined, 'yarn'],
    [{ 'package.json': { packageManager: 'bun@1' } }, undefined, 'npm'],
    [{ 'package.json': '{' }, undefined, 'npm'],
  ])('of %j and %s is %s', (files, userAgent, expected) => {
    using folder = folderOf({ 'hooks/a.js': '', ...files })
    expect(detectPackageManager(folder.at('hooks'), userAgent)).toBe(expected)
  })

  test.each([
    ['npm', '', '--ignore-scripts'],
    ['pnpm', '', '--ignore-scripts'],
    ['yarn', '1.22.22', '--ignore-scripts'],
    ['yarn', '4.18.1', '--mode=skip-build'],
  ] as const)('%s %s runs no install scripts', (manager, version, option) => {
    expect(installCommand(manager, version).args).toContain(option)
  })
})
