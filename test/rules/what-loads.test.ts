import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const LIST = `
  import { registerHooks } from 'node:module'
  const urls = []
  registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
  await import(process.argv[1])
  process.stdout.write(JSON.stringify(urls))`

/** The packages outside this repository that a fresh process loads for an import. */
const packagesOf = async (specifier: string): Promise<readonly string[]> => {
  const node = ['--input-type=module', '--eval', LIST, specifier]
  const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: import.meta.dirname })
  const urls = z.array(z.string()).parse(JSON.parse(stdout))
  const names = urls.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1])
  return [...new Set(names.filter((name) => name !== undefined))]
}

const VENDORS = ['@slack/web-api', 'jsforce', 'nodemailer']

describe('importing', () => {
  test('@onsignup/core, as plugins do, loads no container and no vendor package', async () => {
    const packages = await packagesOf('@onsignup/core')
    for (const name of ['tsyringe', 'reflect-metadata', ...VENDORS]) expect(packages).not.toContain(name)
  })

  test('@onsignup/core/engine loads the container, so the test above looks in the right place', async () => {
    expect(await packagesOf('@onsignup/core/engine')).toContain('tsyringe')
  })

  test.each(['onsignup', 'onsignup/program'])('%s loads no vendor package', async (entry) => {
    const packages = await packagesOf(entry)
    expect(packages.length).toBeGreaterThan(0)
    for (const name of VENDORS) expect(packages).not.toContain(name)
  })
})
