import { describe, expect, test } from 'vitest'
import { analyseScript } from '../analysis.ts'
import { effectiveDependencies } from './effective.ts'
import { missingModules } from './missing.ts'
import { resolveModule } from './resolve.ts'
import { folderOf, packageOf } from './test-support.ts'

const HOOK = analyseScript("module.exports = (user, context, cb) => { require('auth0'); cb() }")
const ACTION = analyseScript("exports.onExecutePostUserRegistration = async () => { require('auth0') }")

describe('a Hook and an Action in one folder', () => {
  const files = {
    'hook.js': '',
    'action.js': '',
    ...packageOf('auth0', '3.7.2'),
    ...packageOf('auth0-_5e4.0.0', '4.37.1'),
  }

  test('get each the version that was installed for it', () => {
    using folder = folderOf(files)
    const found = (script: string, analysis: typeof HOOK) =>
      resolveModule('auth0', script, effectiveDependencies(script, analysis, {}))
    expect(found(folder.at('hook.js'), HOOK)).toMatchObject({
      file: expect.stringMatching(/node_modules\/auth0\/index\.js$/),
    })
    expect(found(folder.at('action.js'), ACTION)).toMatchObject({
      file: expect.stringMatching(/node_modules\/auth0-_5e4\.0\.0\/index\.js$/),
    })
  })

  test('get what a connector names before that', () => {
    using folder = folderOf(files)
    const { auth0 } = effectiveDependencies(folder.at('action.js'), ACTION, { auth0: '3.7.2' })
    expect(auth0).toBe('3.7.2')
  })

  test('miss nothing where the plain name is not there', () => {
    using folder = folderOf({ 'action.js': '', ...packageOf('auth0-_5e4.0.0', '4.37.1') })
    expect(missingModules(folder.at('action.js'), ACTION)).toEqual([])
    expect(missingModules(folder.at('action.js'), HOOK)).toMatchObject([{ request: 'auth0' }])
  })
})
