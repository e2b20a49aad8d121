import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lookAtModules, planModules } from './install.ts'
import { folderOf, packageOf } from './test-support.ts'

const peersIn = (folder: { at(name: string): string }) => {
  const [plan] = planModules([{ file: folder.at('one.js'), dependencies: {} }])
  if (plan === undefined) throw new Error('there is no plan')
  return lookAtModules(plan).modules.map(({ installedAs, missingPeers }) => [installedAs, missingPeers])
}

const asking = (name: string, manifest: object): Readonly<Record<string, object>> => ({
  [`node_modules/${name}/package.json`]: { name, version: '1.0.0', main: 'index.js', ...manifest },
})

describe('a package that needs others beside it', () => {
  test('is told with those that are not there', () => {
    using folder = folderOf({
      'one.js': "require('knex-plugin@1.0.0')",
      ...asking('knex-plugin-1.0.0', { peerDependencies: { knex: '>=1 <3', pg: '^8.0.0' } }),
      ...packageOf('pg', '8.1.0'),
    })
    expect(peersIn(folder)).toEqual([['knex-plugin-1.0.0', [{ name: 'knex', range: '>=1 <3' }]]])
  })

  test('is told nothing of what it can do without', () => {
    using folder = folderOf({
      'one.js': "require('plugin')",
      ...asking('plugin', {
        peerDependencies: { bufferutil: '4', util: '*' },
        peerDependenciesMeta: { bufferutil: { optional: true }, other: 1 },
      }),
    })
    expect(peersIn(folder)).toEqual([['plugin', []]])
  })

  test('finds them where it lies itself, and not only where it is linked from', () => {
    using folder = folderOf({ 'one.js': "require('plugin')" })
    using shelf = folderOf({
      ...asking('plugin', { peerDependencies: { types: '1' } }),
      // It cannot be required, and need not be.
      'node_modules/types/package.json': { name: 'types', version: '1.0.0', exports: {} },
    })
    const link = folder.at('node_modules/plugin')
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(shelf.at('node_modules/plugin'), link)
    expect(peersIn(folder)).toEqual([['plugin', []]])
  })

  test.each([
    [{ peerDependencies: 'knex' }],
    [{ peerDependencies: { '../x': '1' } }],
    [{ peerDependencies: { knex: 1 } }],
  ])('is told nothing of %j, which says nothing', (manifest) => {
    using folder = folderOf({ 'one.js': "require('plugin')", ...asking('plugin', manifest) })
    expect(peersIn(folder)).toEqual([['plugin', []]])
  })

  test('is told nothing while it is not there itself', () => {
    using folder = folderOf({ 'one.js': "require('plugin')" })
    expect(peersIn(folder)).toEqual([['plugin', []]])
  })
})
