import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')
const OXLINT = join(ROOT, 'node_modules/oxlint/bin/oxlint')

const reportSchema = z.object({
  diagnostics: z.array(z.object({ filename: z.string(), code: z.string(), severity: z.string() })),
})

interface Linted {
  readonly exit: unknown
  /** As `error eslint(max-lines) core/src/long.ts`. */
  readonly found: readonly string[]
}

/** Runs the linter with the configuration that stands in the folder. */
const lint = async (cwd: string): Promise<Linted> => {
  const [exit, report] = await new Promise<[unknown, string]>((resolve) => {
    execFile(process.execPath, [OXLINT, '--format', 'json'], { cwd }, (error, stdout) =>
      resolve([error === null ? 0 : error.code, stdout]),
    )
  })
  const { diagnostics } = reportSchema.parse(JSON.parse(report))
  return { exit, found: diagnostics.map(({ severity, code, filename }) => `${severity} ${code} ${filename}`) }
}

const RESTRICTED = 'eslint(no-restricted-imports)'
const CYCLE = 'import(no-cycle)'

type Case = readonly [file: string, code: string, rule?: string]

const REFUSED: readonly Case[] = [
  ['core/src/by-name.ts', "import slack from '@onsignup/slack'"],
  ['core/src/by-its-own-name.ts', "import { retry } from '@onsignup/core'"],
  ['core/src/program.ts', "import { createOnSignup } from 'onsignup'"],
  ['core/src/part-of-the-program.ts', "import { run } from 'onsignup/program'"],
  ['core/src/type.ts', "import type { Options } from '@onsignup/email'"],
  ['core/src/dynamic.ts', "export const email = await import('@onsignup/email')"],
  ['core/src/passed-on.ts', "export { default } from '@onsignup/slack'"],
  ['core/src/all-passed-on.ts', "export * from '@onsignup/config'"],
  ['core/src/for-effect.ts', "import '@onsignup/store'"],
  [
    'core/src/type-query.ts',
    "export type A = import('@onsignup/slack').A",
    'typescript(consistent-type-imports)',
  ],
  ['core/src/relative.ts', "import slack from '../../plugins/slack/src/index.ts'"],
  ['core/src/relative-with-dot.ts', "import slack from './../../plugins/slack/src/index.ts'"],
  ['core/src/relative-type.ts', "import type { A } from '../../store/src/index.ts'"],
  ['core/src/relative-dynamic.ts', "export const a = await import('../../store/src/index.ts')"],
  ['core/src/relative-passed-on.ts', "export * from '../../store/src/index.ts'"],
  ['core/src/dispatcher/deeper.ts', "import { a } from '../../../store/src/index.ts'"],
  ['core/src/testing/store-cases/deepest.ts', "import { a } from '../../../../store/src/index.ts'"],
  ['core/src/bus.ts', "import { container } from 'tsyringe'"],
  ['core/src/container.ts', "import slack from '@onsignup/slack'"],
  ['core/src/bus.test.ts', "import { openStore } from '@onsignup/store'"],

  ['plugins/slack/src/other-plugin.ts', "import email from '@onsignup/email'"],
  ['plugins/slack/src/other-plugin-relative.ts', "import email from '../../email/src/index.ts'"],
  ['plugins/slack/src/deep.ts', "import { bus } from '@onsignup/core/src/bus.ts'"],
  ['plugins/slack/src/built.ts', "import { bus } from '@onsignup/core/dist/bus.js'"],
  ['plugins/slack/src/relative.ts', "import { bus } from '../../../core/src/bus.ts'"],
  ['plugins/slack/src/test-support-in-the-plugin.ts', "import { testRun } from '@onsignup/core/testing'"],
  ['plugins/slack/src/store.test.ts', "import { openStore } from '@onsignup/store'"],
  ['plugins/slack/test/sandbox.ts', "import { startSandbox } from '@onsignup/sandbox'"],
  ['plugins/slack/src/container.ts', "import { container } from 'tsyringe'"],
  ['store/src/config.ts', "import { load } from '@onsignup/config'"],
  ['store/src/deep.ts', "import type { Store } from '@onsignup/core/src/store/port.ts'"],
  ['store/src/relative.ts', "import type { Store } from '../../core/src/store/port.ts'"],
  ['config/src/plugin.ts', "import slack from '@onsignup/slack'"],
  ['config/src/program.ts', "import { createOnSignup } from 'onsignup'"],

  ['sources/src/store.ts', "import { openStore } from '@onsignup/store'"],
  ['sources/src/auth0/deep.ts', "import type { Schema } from '@onsignup/core/src/contract.ts'"],
  ['sources/src/test-support-in-the-source.ts', "import { testRun } from '@onsignup/core/testing'"],

  ['app/src/sandbox.ts', "import { startSandbox } from '@onsignup/sandbox'"],
  ['app/src/sandbox.test.ts', "import { startSandbox } from '@onsignup/sandbox'"],
  ['app/src/test-support-in-the-program.ts', "import { testRun } from '@onsignup/core/testing'"],
  ['app/src/deep.ts', "import { bus } from '@onsignup/core/src/bus.ts'"],
  ['app/src/http/relative.ts', "import { bus } from '../../../core/src/bus.ts'"],
  ['app/src/container.ts', "import { container } from 'tsyringe'"],
  ['sandbox/src/core.ts', "import { retry } from '@onsignup/core'"],
  ['sandbox/src/relative.ts', "import type { Store } from '../../core/src/store/port.ts'"],

  ['test/relative.test.ts', "import { bus } from '../core/src/bus.ts'"],
  ['test/end-to-end/relative.test.ts', "import { bus } from '../../core/src/bus.ts'"],
  ['test/faults/kills/relative.ts', "import { bus } from '../../../core/src/bus.ts'"],
  ['test/end-to-end/deep.test.ts', "import { bus } from '@onsignup/core/src/bus.ts'"],
  ['test/end-to-end/deep-in-the-program.test.ts', "import { compose } from 'onsignup/src/compose.ts'"],
  ['test/end-to-end/deep-type.test.ts', "import type { Bus } from '@onsignup/core/src/bus.ts'"],
  ['bench/src/relative.ts', "import { bus } from '../../core/src/bus.ts'"],
  ['bench/src/engines/relative.ts', "import { bus } from '../../../core/src/bus.ts'"],
  ['bench/src/engines/deep.ts', "import { bus } from '@onsignup/core/src/bus.ts'"],
  ['scripts/relative.ts', "import { compose } from '../app/src/compose.ts'"],
  ['a-room-without-a-rule/src/name.ts', "import { retry } from '@onsignup/core'"],

  ['core/src/circle-a.ts', "import { b } from './circle-b.ts'\nexport const a = () => b", CYCLE],
  ['core/src/circle-b.ts', "import { a } from './circle-a.ts'\nexport const b = () => a", CYCLE],
  ['core/src/any.ts', 'export const a = (b: any): unknown => b', 'typescript(no-explicit-any)'],
  ['core/src/bang.ts', 'export const a = (b?: string) => b!.length', 'typescript(no-non-null-assertion)'],
  ['core/src/long.ts', 'export {}\n'.repeat(401), 'eslint(max-lines)'],
]

const ALLOWED: readonly Case[] = [
  ['core/src/dispatcher/allowed.ts', "import type { Store } from '../store/port.ts'"],
  ['core/src/testing/store-cases/allowed.ts', "import type { Store } from '../../store/port.ts'"],
  ['plugins/slack/src/allowed.ts', "import { retry } from '@onsignup/core'"],
  ['plugins/slack/src/allowed.test.ts', "import { testRun } from '@onsignup/core/testing'"],
  ['plugins/email/test/allowed.ts', "import { testRun } from '@onsignup/core/testing'"],
  ['store/src/allowed.ts', "import type { Store } from '@onsignup/core/engine'"],
  ['sources/src/allowed.ts', "import type { Schema } from '@onsignup/core'"],
  ['app/src/http/allowed.ts', "import slack from '@onsignup/slack'\nimport { a } from '../compose.ts'"],
  [
    'test/end-to-end/allowed.test.ts',
    "import { startSandbox } from '@onsignup/sandbox'\nimport '../support/http.ts'",
  ],
  [
    'bench/src/engines/allowed.ts',
    "import { createOnSignup } from 'onsignup'\nimport { a } from '../load.ts'",
  ],
  ['test/faults/kills/allowed.ts', "import { a } from '../../support/until.ts'"],
  ['scripts/allowed.ts', "import { startSandbox } from '@onsignup/sandbox'"],
]

describe('the linter', () => {
  let exit: unknown
  let found: readonly string[]

  beforeAll(async () => {
    await using folder = await createFolder()
    await folder.write('.oxlintrc.json', await readFile(join(ROOT, '.oxlintrc.json'), 'utf8'))
    for (const [file, code] of [...REFUSED, ...ALLOWED]) await folder.write(file, `${code}\n`)
    ;({ exit, found } = await lint(folder.path))
  })

  test('fails where a rule is broken', () => {
    expect(exit).toBe(1)
  })

  test.each(REFUSED)('refuses %s: %s', (file, _, rule = RESTRICTED) => {
    expect(found.filter((line) => line.endsWith(` ${file}`))).toContain(`error ${rule} ${file}`)
  })

  test.each(ALLOWED)('lets pass %s: %s', (file) => {
    expect(found).not.toContain(`error ${RESTRICTED} ${file}`)
  })

  test('finds nothing in this repository', async () => {
    expect(await lint(ROOT)).toEqual({ exit: 0, found: [] })
  })
})
