import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { linksOf, pages } from '../support/pages.ts'
import { ROOT } from '../support/program.ts'

const all = await pages()

/** A heading's anchor as GitHub makes it. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = async (page: string): Promise<readonly string[]> => {
  const source = await readFile(join(ROOT, page), 'utf8')
  return [...source.matchAll(/^#+ (.+)$/gm)].map(({ 1: heading = '' }) => anchor(heading))
}

describe('the links', () => {
  test.each(all)('of %s lead to files and headings that are there', async (page) => {
    const dead: string[] = []
    for (const link of await linksOf(page)) {
      const [path = '', heading] = link.split('#')
      const isThere = existsSync(join(ROOT, path))
      if (!isThere || (heading !== undefined && !(await anchorsOf(path)).includes(heading))) dead.push(link)
    }
    expect(dead).toEqual([])
  })
})

describe('docs/architecture.md', () => {
  test('follows one event from POST to Slack in at most nine files, none visited twice', async () => {
    const page = await readFile(join(ROOT, 'docs/architecture.md'), 'utf8')
    const route = [...page.matchAll(/^\| \d+ \| \[(\S+)\]/gm)].map(({ 1: file = '' }) => file)
    expect(route.length).toBeGreaterThanOrEqual(5)
    expect(route.length).toBeLessThanOrEqual(9)
    expect(new Set(route).size).toBe(route.length)
    expect(route[0]).toBe('app/src/http/intake.ts')
    expect(route.at(-1)).toMatch(/^plugins\/slack\/src\//)
  })

  test.each(all)('%s names no source file that is not there', async (page) => {
    const source = await readFile(join(ROOT, page), 'utf8')
    const named = [
      ...source.matchAll(/`((?:app|core|config|store|plugins|sandbox|test|scripts)\/[\w./-]+\.\w+)`/g),
    ]
    for (const { 1: file = '' } of named) expect(existsSync(join(ROOT, file)), file).toBe(true)
  })
})
