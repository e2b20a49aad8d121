import { describe, expect, test } from 'vitest'
import { runOnce } from '../test-support.ts'
import { lackIn } from './lacking.ts'

const message = (request: string, file: string): string =>
  `Cannot find module '${request}'\nRequire stack:\n- ${file}\n- /srv/hooks/a.js`

describe('what a package asks for and does not find', () => {
  test.each([
    ['/srv/hooks/node_modules/plugin/lib/index.js', 'plugin'],
    ['/srv/hooks/node_modules/@acme/kit/index.js', '@acme/kit'],
    ['/srv/hooks/node_modules/.pnpm/plugin@1.0.0/node_modules/plugin/index.js', 'plugin'],
    ['/srv/hooks/node_modules/outer/node_modules/plugin-1.0.0/index.js', 'plugin-1.0.0'],
    ['C:\\hooks\\node_modules\\@acme\\kit\\index.js', '@acme/kit'],
  ])('is told with its name, in %s', (file, name) => {
    expect(lackIn(message('knex/lib/client', file))).toEqual({
      what: `${name} asks for the module knex, which is not installed`,
      mend: `add knex to the dependencies in the package.json beside the script, in a version that ${name} takes, and run: onsignup hooks install`,
    })
  })

  test.each(['./build/Release/native.node', '/srv/hooks/node_modules/bcrypt/native.node', '#native'])(
    'is a file of its own: %s',
    (request) => {
      expect(lackIn(message(request, '/srv/hooks/node_modules/bcrypt/index.js'))).toEqual({
        what: `bcrypt asks for ${request}, which is not there`,
        mend: 'if it has an install script, which is not run: npm rebuild bcrypt, in the script’s folder; else take another version of bcrypt',
      })
    },
  )

  test.each([
    message('knex', '/srv/hooks/helper.js'),
    'the module knex is not installed',
    "Cannot find module 'knex'",
    "Cannot find module 'knex'\nRequire stack:\n- /srv/node_modules/",
  ])('is not what a script asks for: %j', (text) => {
    expect(lackIn(text)).toBeUndefined()
  })
})

test.each([
  ['at its start', "require('plugin'); module.exports = (user, context, cb) => cb()"],
  ['in the run', "module.exports = (user, context, cb) => require('plugin')"],
  ['later in the run', "module.exports = (user, context, cb) => setImmediate(() => require('plugin'))"],
])('a package that misses another %s is named, for the script has no part in it', async (_when, source) => {
  const files = {
    'hooks/node_modules/plugin/index.js': "require('./inner')",
    'hooks/node_modules/plugin/inner.js': "require('knex')",
  }
  expect(await runOnce(source, { files })).toMatchObject({
    kind: 'misconfigured',
    code: 'hook_module_missing',
    message: 'plugin asks for the module knex, which is not installed',
    mend: expect.stringContaining('add knex to the dependencies in the package.json beside the script'),
  })
})
