import { chmod, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createFolder, type Folder } from '../support/folder.ts'
import { runProgram } from '../support/program.ts'

const SCRIPT =
  "const _ = require('lodash@4.17.21'), axios = require('axios')\nmodule.exports = (user, context, cb) => cb()"

const YAML = `connectors:
  legacy:
    uses: auth0-hook
    with: { script: ./hooks/a.js, secrets: { KEY: "\${NOT_SET_WHILE_AN_IMAGE_IS_BUILT}" } }
`

/** A package manager that notes how it is called and installs what an installation would leave. */
const standIn = async (folder: Folder, name: string, body: string): Promise<void> => {
  const file = await folder.write(`bin/${name}`, `#!${process.execPath}\n${body}`)
  await chmod(file, 0o755)
}

const INSTALLS = `
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs')
if (process.argv[2] === '--version') return console.log('4.1.0')
writeFileSync('called.json', JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), linker: process.env.YARN_NODE_LINKER }))
for (const [name, specifier] of Object.entries(JSON.parse(readFileSync('package.json', 'utf8')).dependencies)) {
  const version = /@([^@]+)$/.exec(specifier)?.[1] ?? '9.9.9'
  mkdirSync('node_modules/' + name, { recursive: true })
  writeFileSync('node_modules/' + name + '/package.json', JSON.stringify({ version, main: 'index.js', scripts: { postinstall: 'x' } }))
  writeFileSync('node_modules/' + name + '/index.js', '')
}
console.log('the stand-in has installed')
`

const installed = async (folder: Folder, ...args: string[]) => {
  // Without a shell, and without any other package manager.
  const { code, stdout, stderr } = await runProgram(['hooks', 'install', ...args], {
    cwd: folder.path,
    env: { PATH: folder.at('bin') },
  })
  return { code, stdout, stderr }
}

const worldWith = async (script = SCRIPT, yaml = YAML): Promise<Folder> => {
  const folder = await createFolder()
  await folder.write('hooks/a.js', script)
  await folder.write('onsignup.yaml', yaml)
  return folder
}

describe('hooks install', () => {
  test('writes package.json beside the scripts and installs it, without the secrets of the configuration', async () => {
    await using folder = await worldWith()
    await standIn(folder, 'npm', INSTALLS)
    const { code, stdout, stderr } = await installed(folder)
    expect(stderr).toBe(
      '$ npm install --ignore-scripts --no-audit --no-fund --no-workspaces\nthe stand-in has installed\n',
    )
    expect(stdout).toBe(`hooks/package.json is written
installed  lodash@4.17.21  4.17.21  as lodash-4.17.21
installed  axios           9.9.9
lodash-4.17.21 has an install script, which was not run → if it needs it: npm rebuild lodash-4.17.21, in hooks
axios has an install script, which was not run → if it needs it: npm rebuild axios, in hooks
`)
    expect(code).toBe(0)
    expect(JSON.parse(await readFile(folder.at('hooks/called.json'), 'utf8'))).toMatchObject({
      cwd: folder.at('hooks'),
    })
    expect((await installed(folder)).stdout).toContain('hooks/package.json stays as it is')
  })

  test('names what a package needs beside it and the package manager left to its owner', async () => {
    await using folder = await worldWith("require('plugin@1.0.0')")
    const manifest = { version: '1.0.0', main: 'index.js', peerDependencies: { knex: '>=1 <3' } }
    await standIn(
      folder,
      'npm',
      `const { mkdirSync, writeFileSync } = require('node:fs')
      mkdirSync('node_modules/plugin-1.0.0', { recursive: true })
      writeFileSync('node_modules/plugin-1.0.0/package.json', ${JSON.stringify(JSON.stringify(manifest))})
      writeFileSync('node_modules/plugin-1.0.0/index.js', '')`,
    )
    expect(await installed(folder)).toMatchObject({
      stdout: `hooks/package.json is written
installed  plugin@1.0.0  1.0.0  as plugin-1.0.0
plugin-1.0.0 needs knex beside it, which is not there → add "knex": ">=1 <3" to the dependencies in hooks/package.json, and run: onsignup hooks install
`,
      code: 0,
    })
  })

  test.each([
    [
      ['--package-manager', 'pnpm'],
      'pnpm',
      ['install', '--ignore-scripts', '--ignore-workspace', '--no-frozen-lockfile'],
    ],
    [['--package-manager', 'yarn'], 'yarn', ['install', '--mode=skip-build']],
  ])('%j calls it as it must be called', async (args, manager, expected) => {
    await using folder = await worldWith()
    await standIn(folder, manager, INSTALLS)
    expect(await installed(folder, ...args)).toMatchObject({ code: 0 })
    expect(JSON.parse(await readFile(folder.at('hooks/called.json'), 'utf8'))).toMatchObject({
      args: expected,
    })
  })

  test('exits 1 when the package manager fails, is not there, or leaves something out', async () => {
    await using folder = await worldWith()
    expect(await installed(folder)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: npm cannot be started'),
    })
    await standIn(folder, 'npm', 'console.error("no registry"); process.exit(7)')
    expect(await installed(folder)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no registry[^]*error: npm install .* ended with 7/),
    })
    await standIn(folder, 'npm', '')
    const { code, stdout } = await installed(folder)
    expect(stdout).toContain('hooks/a.js:1:11: the module lodash@4.17.21 is not installed')
    expect(code).toBe(1)
  })

  test.each([
    [
      "require('--registry=http://evil.example')",
      YAML,
      'hooks/a.js:1: --registry=http://evil.example cannot be',
    ],
    ['var = 1', YAML, 'hooks/a.js:1:5: Unexpected token'],
    [
      SCRIPT,
      YAML.replace('secrets:', 'dependencies: { "../x": 1.0.0 }, secrets:'),
      '../x cannot be installed',
    ],
    [SCRIPT, YAML.replace('secrets:', 'dependencies: { x: "file:.." }, secrets:'), 'file:.. is no version'],
    [SCRIPT, YAML.replace('a.js', 'none.js'), 'a script cannot be read'],
    [SCRIPT, YAML.replace('script:', 'scrip:'), 'connectors.legacy.with: script: Invalid'],
    [
      SCRIPT,
      YAML.replace('secrets:', 'dependencies: { x: 1.10 }, secrets:'),
      'dependencies.x: Invalid input',
    ],
  ])('exits 2 and installs nothing: %.30s', async (script, yaml, words) => {
    await using folder = await worldWith(script, yaml)
    await standIn(folder, 'npm', INSTALLS)
    const { code, stderr } = await installed(folder)
    expect(stderr).toContain(words)
    expect(code).toBe(2)
    await expect(readFile(folder.at('hooks/package.json'))).rejects.toThrow('ENOENT')
  })

  test('exits 2 and tells all that is wrong with the scripts at once, before anything is installed', async () => {
    const script = (name: string) => `  ${name}: { uses: auth0-hook, with: { script: ./hooks/${name}.js } }\n`
    await using folder = await worldWith(
      "require('axios@file:x')",
      `connectors:\n${['a', 'b', 'c'].map(script).join('')}`,
    )
    await folder.write('hooks/b.js', "import axios from 'axios'")
    await folder.write('hooks/c.js', '\nfunction (user, context, callback) {}')
    const { code, stderr } = await installed(folder)
    expect(stderr).toContain('hooks/a.js:1: axios@file:x cannot be installed: file:x is no version')
    expect(stderr).toContain('hooks/b.js:1:1: import and export are not known here')
    expect(stderr).toContain('hooks/c.js:2:10: a function without a name')
    expect(stderr).toContain('nothing was installed')
    expect(code).toBe(2)
  })

  test('leaves a package.json that is none as it is', async () => {
    await using folder = await worldWith()
    const file = await folder.write('hooks/package.json', '{ "dependencies": ')
    expect(await installed(folder)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be kept'),
    })
    expect(await readFile(file, 'utf8')).toBe('{ "dependencies": ')
  })

  test('has nothing to do for scripts without modules, and without scripts', async () => {
    await using folder = await worldWith("require('https')")
    expect(await installed(folder)).toMatchObject({ code: 0, stdout: 'hooks: its scripts need no modules\n' })
    await folder.write('onsignup.yaml', 'connectors: { x: { uses: slack } }')
    expect(await installed(folder)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('has no connector'),
    })
  })
})
