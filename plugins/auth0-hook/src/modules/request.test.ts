import { describe, expect, test } from 'vitest'
import { isPackageName, isVersion, parseRequest } from './request.ts'

describe('what a script asks require for', () => {
  test.each([
    ['axios', { kind: 'package', name: 'axios' }],
    ['axios@0.19.2', { kind: 'package', name: 'axios', version: '0.19.2' }],
    ['axios@0.19.2/lib/axios', { kind: 'package', name: 'axios', version: '0.19.2', subpath: 'lib/axios' }],
    ['./node_modules/axios@0.19.2', { kind: 'package', name: 'axios', version: '0.19.2' }],
    ['./node_modules/axios', { kind: 'package', name: 'axios' }],
    ['lodash/fp', { kind: 'package', name: 'lodash', subpath: 'fp' }],
    ['@slack/web-api', { kind: 'package', name: '@slack/web-api' }],
    ['@slack/web-api@^7.0.0', { kind: 'package', name: '@slack/web-api', version: '^7.0.0' }],
    ['https', { kind: 'builtin', name: 'https' }],
    ['node:https', { kind: 'builtin', name: 'node:https' }],
    ['crypto@1.0.1', { kind: 'package', name: 'crypto', version: '1.0.1' }],
    ['./helper', { kind: 'file', name: './helper' }],
    ['../helper', { kind: 'file', name: '../helper' }],
    ['/etc/passwd', { kind: 'file', name: '/etc/passwd' }],
    ['..', { kind: 'file', name: '..' }],
  ])('%s', (request, expected) => {
    expect(parseRequest(request)).toEqual(expected)
  })

  test.each([
    '--registry=http://evil.example',
    '',
    ' ',
    'a b',
    'axios@npm:evil@1.0.0',
    'axios@file:..',
    'axios@git+ssh://evil.example',
    'axios@1.0.0/../../x',
    './node_modules/../../x',
    'node_modules',
    '__proto__',
    'a\u0000b',
    '@scope',
    'axios@$(id)',
    'axios@1; id',
    `a${'b'.repeat(300)}`,
  ])('%s is nothing that can be installed', (request) => {
    expect(parseRequest(request).kind).toBe('invalid')
  })
})

test('a name is no path and no option', () => {
  for (const name of ['axios', '@slack/web-api', 'JSONStream', 'lodash.get', '_x', 'a--b']) {
    expect([name, isPackageName(name)]).toEqual([name, name !== '_x'])
  }
  for (const name of ['../x', '--flag', '-g', 'a/b', '@a/b/c', '.bin', 'a@1']) {
    expect([name, isPackageName(name)]).toEqual([name, false])
  }
})

test('a version leads nowhere but to the registry', () => {
  for (const version of [
    '1.2.3',
    '^2.949.0',
    '~1',
    '1.x',
    '>=1.2 <2',
    '1 || 2',
    'latest',
    '*',
    '1.0.0-beta+5',
  ]) {
    expect([version, isVersion(version)]).toEqual([version, true])
  }
  for (const version of [
    '',
    '-g',
    'file:../x',
    'npm:evil@1',
    'git+ssh://x',
    'http://x',
    'user/repo',
    '1\n2',
    '`id`',
  ]) {
    expect([version, isVersion(version)]).toEqual([version, false])
  }
})
