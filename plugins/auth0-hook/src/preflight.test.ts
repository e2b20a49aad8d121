import { expect, test } from 'vitest'
import { analyseScript } from './analysis.ts'
import { folderOf, packageOf } from './modules/test-support.ts'
import { preflight } from './preflight.ts'

const findings = (source: string, files: Readonly<Record<string, string | object>> = {}) => {
  using folder = folderOf({ 'a.js': source, ...files })
  const script = folder.at('a.js')
  return preflight(analyseScript(source), {
    ...{ script, named: './a.js', dependencies: {} },
    ...{ secrets: ['SET'], configuration: false },
  })
}

test('a script that needs nothing more is proved', () => {
  const source =
    "const axios = require('axios'); module.exports = (user, context, cb) => cb(context.webtask.secrets.SET)"
  expect(findings(source, packageOf('axios', '1.0.0'))).toEqual([
    { state: 'proved', what: 'it is a Hook: it assigns module.exports' },
    { state: 'proved', what: 'the modules that it requires are there' },
  ])
})

test('all that a script lacks is told, in the order of its lines', () => {
  const source = `"use npm"
const axios = require('axios@0.19.2')
exports.onExecutePostUserRegistration = async (event, api) => {
  await axios.post(event.secrets.URL, event.secrets.SET, _.pick(configuration, 'A'))
  api.access.deny('no')
}`
  expect(findings(source).map(({ state, what }) => [state, what])).toEqual([
    ['proved', 'it is an Action: it exports onExecutePostUserRegistration'],
    ['failed', './a.js:2:15: the module axios@0.19.2 is not installed'],
    ['unproved', './a.js:4: the secret URL is not set'],
    ['unproved', './a.js:4: nothing defines _, which Auth0 did up to Node 12'],
    ['unproved', './a.js:5: api.access.deny is not there, so that this line throws'],
    ['unproved', './a.js reads configuration, which only Rules had'],
    ['unproved', '"use npm" is ignored'],
  ])
  expect(
    findings(source)
      .slice(1)
      .map(({ mend }) => mend),
  ).not.toContain(undefined)
})

test('a script that only Node can parse is told as what it is: not known', () => {
  expect(findings(`module.exports = ${'['.repeat(100_000)}`)).toMatchObject([{ state: 'unproved' }])
})

test('a script that exports nothing to call has failed', () => {
  expect(findings('module.exports = {}')).toMatchObject([{ state: 'failed', mend: expect.any(String) }])
})
