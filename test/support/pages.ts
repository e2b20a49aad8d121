import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ROOT } from './program.ts'

/** A fenced block of a page. */
export interface Block {
  /** As `docs/http.md`. */
  readonly page: string
  readonly line: number
  readonly language: string
  /** The file that its fence names; undefined for one that belongs to no file. */
  readonly name: string | undefined
  readonly text: string
}

/** The pages for people who use the program: README.md, CONTRIBUTING.md and all of docs. */
export const pages = async (): Promise<readonly string[]> => {
  const docs = await readdir(join(ROOT, 'docs'), { recursive: true })
  const found = docs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name))
  const top = (await readdir(ROOT)).filter((name) => name.endsWith('.md'))
  return [...top, ...found].toSorted()
}

const FENCE = /^( *)(`{3,})(\S*)(?: +(\S+))?.*\n([\s\S]*?)^\1\2 *$/gm

/** The fenced blocks of a page. */
const blocksOf = async (page: string): Promise<readonly Block[]> => {
  const source = await readFile(join(ROOT, page), 'utf8')
  return [...source.matchAll(FENCE)].map(
    ({ index, 1: indent = '', 3: language = '', 4: name, 5: text = '' }) => ({
      page,
      line: source.slice(0, index).split('\n').length,
      language,
      name,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  )
}

/** The fenced blocks of all pages. */
export const allBlocks = async (): Promise<readonly Block[]> =>
  (await Promise.all((await pages()).map(blocksOf))).flat()

/** Where a block is kept as a file: a folder for each page. */
export const fileOf = ({ page, line, language, name }: Block): string =>
  join(page.replace(/\.md$/, ''), name ?? `line-${line}.${language}`)

/** The targets of a page's relative links, as paths from the root. */
export const linksOf = async (page: string): Promise<readonly string[]> => {
  const source = await readFile(join(ROOT, page), 'utf8')
  return [...source.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(({ 1: target = '' }) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => (target.startsWith('#') ? `${page}${target}` : join(dirname(page), target)))
}
