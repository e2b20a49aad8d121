import { join } from 'node:path'

export const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'performance.md')

const BEGIN = '<!-- results: written by the bench, not by hand -->'
const END = '<!-- end of results -->'

/** The page's part between the markers; throws when they are not there. */
export const resultsIn = (page: string): string => {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (before < 0 || after < before) throw new Error(`docs/performance.md lacks ${BEGIN} … ${END}`)
  return page.slice(before + BEGIN.length, after).trim()
}

/** The page with these results in place of its own. */
export const withResults = (page: string, results: string): string =>
  page.replace(`${BEGIN}\n\n${resultsIn(page)}`, () => `${BEGIN}\n\n${results.trim()}`)
