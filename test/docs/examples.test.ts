import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DOT_ENV } from '../support/environment.ts'
import { createFolder, type Folder } from '../support/folder.ts'
import { allBlocks, fileOf, type Block } from '../support/pages.ts'
import { callProgram, ROOT, runNode } from '../support/program.ts'
import { ada } from '../support/registrations.ts'

const blocks = await allBlocks()
const configurations = blocks.filter(
  ({ language, name, text }) => language === 'yaml' && (name !== undefined || /^connectors:/m.test(text)),
)
const sources = blocks.filter(({ language }) => language === 'ts')

const title = ({ page, line, name }: Block): string =>
  `${page}:${line}${name === undefined ? '' : ` ${name}`}`

let folder: Folder

/** The packages that examples import, as installing them would leave them. */
const linkPackages = async (): Promise<void> => {
  const modules = folder.at('node_modules')
  for (const from of [join(ROOT, 'test/node_modules'), join(ROOT, 'node_modules')]) {
    for (const name of await readdir(from)) {
      if (name.startsWith('.')) continue
      const names = name.startsWith('@')
        ? (await readdir(join(from, name))).map((inner) => join(name, inner))
        : [name]
      await mkdir(join(modules, name.startsWith('@') ? name : ''), { recursive: true })
      for (const each of names) await symlink(join(from, each), join(modules, each)).catch(() => {})
    }
  }
  await symlink(join(ROOT, 'plugins/email/node_modules/mjml'), join(modules, 'mjml'))
}

const KEY = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

/** What a reader of the examples would have made. */
const MADE: Readonly<Record<string, string>> = {
  '.env': DOT_ENV,
  'salesforce.key': KEY,
  'dkim.key': KEY,
  'service-account.json': JSON.stringify({
    type: 'service_account',
    client_email: 'mailer@acme.iam.gserviceaccount.com',
    private_key: KEY,
  }),
}

beforeAll(async () => {
  folder = await createFolder()
  await linkPackages()
  for (const block of [...configurations, ...sources, ...blocks.filter(({ name }) => name !== undefined)]) {
    await folder.write(fileOf(block), block.text)
    for (const [name, text] of Object.entries(MADE))
      await folder.write(join(dirname(fileOf(block)), name), text)
  }
  await folder.write('package.json', '{ "type": "module" }')
  await folder.write('registration.json', JSON.stringify(ada))
  await folder.write(
    'tsconfig.json',
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), include: ['**/*.ts'], exclude: ['node_modules'] }),
  )
})

afterAll(() => folder[Symbol.asyncDispose]())

test('no example is overlooked: a block of code names its language, and no two of a page are one file', () => {
  expect(configurations.length).toBeGreaterThan(0)
  expect(sources.length).toBeGreaterThan(0)
  expect(blocks.filter(({ language }) => /^(typescript|yml|)$/.test(language)).map(title)).toEqual([])
  const files = [...configurations, ...sources].map(fileOf)
  expect(files.filter((file, index) => files.indexOf(file) !== index)).toEqual([])
})

describe('the YAML', () => {
  test.each(configurations.map((block) => [title(block), block] as const))(
    'of %s loads without a finding',
    async (_title, block) => {
      const args = [folder.at('registration.json'), '--config', folder.at(fileOf(block))]
      const { code, stderr } = await callProgram(['preview', ...args])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    },
  )
})

describe('the TypeScript', () => {
  test('compiles', async () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const { code, stdout } = await runNode([tsc, '--project', 'tsconfig.json'], { cwd: folder.path })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  })

  test("passes where it is a test, under vitest or under Node's own runner", async () => {
    const tests = sources.filter(({ name }) => name?.endsWith('.test.ts'))
    const own = tests.filter(({ text }) => text.includes("from 'node:test'")).map(fileOf)
    const others = tests.map(fileOf).filter((file) => !own.includes(file))
    expect([own.length > 0, others.length > 0]).toEqual([true, true])
    const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--no-color', '--root', folder.path]
    const [byNode, byVitest] = await Promise.all([
      runNode(['--test', '--test-reporter=tap', ...own], { cwd: folder.path }),
      runNode([...vitest, ...others], { cwd: folder.path }),
    ])
    expect(byNode.code, byNode.stdout).toBe(0)
    expect(byNode.stdout).toMatch(/^# pass [1-9]/m)
    expect(byVitest.code, byVitest.stdout + byVitest.stderr).toBe(0)
    expect(byVitest.stdout).toMatch(new RegExp(`Test Files +${others.length} passed`))
  })
})
