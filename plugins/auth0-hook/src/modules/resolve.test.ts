import { describe, expect, test } from 'vitest'
import { analyseScript } from '../analysis.ts'
import { missingModules } from './missing.ts'
import { installedSpecifier, ModuleNotFoundError, resolveModule } from './resolve.ts'
import { folderOf, packageOf } from './test-support.ts'

const INSTALLED = {
  'hooks/a.js': '',
  'hooks/helper.js': '',
  ...packageOf('above', '1.0.0'),
  ...Object.fromEntries(
    [
      packageOf('axios', '1.7.0'),
      packageOf('axios-0.19.2', '0.19.2'),
      packageOf('aws-sdk-_5e2.949.0', '2.1693.0'),
      packageOf('@slack/web-api-7.0.0', '7.0.0'),
      packageOf('lodash', '4.17.21'),
      packageOf('url', '0.11.0'),
    ].flatMap((one) => Object.entries(one).map(([name, content]) => [`hooks/${name}`, content])),
  ),
}

const withFolder = (
  work: (script: string, at: (name: string) => string) => void,
  files: Readonly<Record<string, string | object>> = INSTALLED,
) => {
  using folder = folderOf(files)
  work(folder.at('hooks/a.js'), folder.at)
}

const refusal = (request: string, script: string, dependencies = {}): ModuleNotFoundError => {
  try {
    resolveModule(request, script, dependencies)
  } catch (error) {
    if (error instanceof ModuleNotFoundError) return error
    throw error
  }
  throw new Error(`${request} was found`)
}

describe('a module', () => {
  test.each([
    ['axios', 'axios/index.js'],
    ['axios@0.19.2', 'axios-0.19.2/index.js'],
    ['./node_modules/axios@0.19.2', 'axios-0.19.2/index.js'],
    ['axios@0.19.2/sub/inner', 'axios-0.19.2/sub/inner.js'],
    ['axios/sub/inner.js', 'axios/sub/inner.js'],
    ['@slack/web-api@7.0.0', '@slack/web-api-7.0.0/index.js'],
    ['aws-sdk@^2.949.0', 'aws-sdk-_5e2.949.0/index.js'],
  ])('%s is found', (request, file) => {
    withFolder((script, at) => {
      expect(resolveModule(request, script)).toEqual({ kind: 'file', file: at(`hooks/node_modules/${file}`) })
    })
  })

  test('is of the version that the dependencies say, unless the script says another', () => {
    withFolder((script, at) => {
      const of = (request: string) =>
        resolveModule(request, script, { axios: '0.19.2', 'aws-sdk': '^2.949.0' })
      expect(of('axios')).toEqual({ kind: 'file', file: at('hooks/node_modules/axios-0.19.2/index.js') })
      expect(of('aws-sdk')).toEqual({
        kind: 'file',
        file: at('hooks/node_modules/aws-sdk-_5e2.949.0/index.js'),
      })
      expect(of('axios@1.7.0')).toEqual({ kind: 'file', file: at('hooks/node_modules/axios/index.js') })
    })
  })

  test('under its own name serves if it is just that version, or was asked for in just these words', () => {
    withFolder((script, at) => {
      const lodash = { kind: 'file', file: at('hooks/node_modules/lodash/index.js') }
      expect(resolveModule('lodash@4.17.21', script)).toEqual(lodash)
      expect(resolveModule('lodash', script, { lodash: '4.17.21' })).toEqual(lodash)
      expect(refusal('lodash@4.17.20', script).message).toBe('the module lodash@4.17.20 is not installed')
      expect(refusal('lodash', script, { lodash: '^4.17.0' }).mend).toBe('run: onsignup hooks install')
    })
    withFolder(
      (script, at) => {
        expect(resolveModule('lodash', script, { lodash: '^4.17.0' })).toEqual({
          kind: 'file',
          file: at('hooks/node_modules/lodash/index.js'),
        })
      },
      { ...INSTALLED, 'hooks/package.json': { dependencies: { lodash: '^4.17.0' } } },
    )
  })

  test('of Node’s wins over a package of its name, unless a version is asked for', () => {
    withFolder((script) => {
      expect(resolveModule('url', script, { url: '0.11.0' })).toEqual({ kind: 'builtin', name: 'url' })
      expect(resolveModule('node:fs/promises', script)).toEqual({ kind: 'builtin', name: 'node:fs/promises' })
    })
    withFolder(
      (script) => {
        expect(refusal('url@0.11.0', script).message).toBe('the module url@0.11.0 is not installed')
      },
      { ...INSTALLED, 'hooks/package.json': { dependencies: { url: '0.11.0' } } },
    )
  })

  test('is found above the folder, as Node does, and a file beside the script', () => {
    withFolder((script, at) => {
      expect(resolveModule('above', script)).toEqual({
        kind: 'file',
        file: at('node_modules/above/index.js'),
      })
      expect(resolveModule('./helper', script)).toEqual({ kind: 'file', file: at('hooks/helper.js') })
    })
  })

  test('named as what every object has is not there', () => {
    withFolder((script) => {
      expect(refusal('constructor', script).code).toBe('MODULE_NOT_FOUND')
      expect(refusal('tostring', script).message).toBe('the module tostring is not installed')
    })
  })
})

describe('a module that is not there', () => {
  test.each([
    ['axios@9.9.9', 'the module axios@9.9.9 is not installed', 'run: onsignup hooks install'],
    ['stripe', 'the module stripe is not installed', 'run: onsignup hooks install'],
    ['axios/none', 'axios is installed and has no none', 'run: onsignup hooks install'],
    ['./none', 'there is no file ./none', 'put it there, seen from '],
    ['--flag', '--flag cannot be required: it is no name of a package', 'correct the script'],
  ])('%s is told with what to do', (request, what, mend) => {
    withFolder((script) => {
      const error = refusal(request, script)
      expect(error).toMatchObject({ code: 'MODULE_NOT_FOUND', request, message: what })
      expect(error.mend).toContain(mend)
    })
  })

  test('because its package does not export it, is told so', () => {
    const files = {
      'hooks/a.js': '',
      'hooks/node_modules/modern/package.json': {
        version: '3.0.0',
        exports: { '.': { import: './index.js' } },
      },
    }
    withFolder((script) => {
      expect(refusal('modern', script).message).toBe('modern does not let modern be required')
      expect(missingModules(script, analyseScript("require('modern')"))).toHaveLength(1)
      expect(missingModules(script, analyseScript("import('modern')"))).toEqual([])
    }, files)
  })
})

test('an import is told the installed name of the version, and all else as it is', () => {
  withFolder((script) => {
    const of = (request: string) => installedSpecifier(request, script, { axios: '0.19.2' })
    expect(of('axios')).toBe('axios-0.19.2')
    expect(of('axios@1.7.0/sub/inner.js')).toBe('axios/sub/inner.js')
    for (const request of [
      'lodash',
      'node:fs',
      './helper.js',
      'file:///x.mjs',
      '#inner',
      'data:text/javascript,1',
    ]) {
      expect(of(request)).toBe(request)
    }
  })
})

test('what a script misses is told with file, line and column before it runs', () => {
  withFolder((script) => {
    const analysis = analyseScript(`const axios = require('axios')
module.exports = (user, context, cb) => {
  const stripe = require('stripe')
  const https = require('https'), any = require(user.id)
  try { require('optional') } catch {}
  import('./nowhere.mjs')
}`)
    expect(missingModules(script, analysis)).toEqual([
      {
        request: 'stripe',
        line: 3,
        column: 18,
        what: 'the module stripe is not installed',
        message: `${script}:3:18: the module stripe is not installed`,
        mend: 'run: onsignup hooks install',
      },
      expect.objectContaining({ request: './nowhere.mjs', line: 6 }),
    ])
    expect(missingModules(script, analysis, { axios: '1.0.0' })).toContainEqual(
      expect.objectContaining({ message: `${script}:1:15: the module axios@1.0.0 is not installed` }),
    )
  })
})
