import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resultsSchema, type Results } from './results.ts'

const LATEST = join(import.meta.dirname, '..', 'results', 'latest.json')

/** What bench/results/latest.json holds. */
export const readLatest = async (): Promise<Results> =>
  resultsSchema.parse(JSON.parse(await readFile(LATEST, 'utf8')))

export const writeLatest = (results: Results): Promise<void> =>
  writeFile(LATEST, `${JSON.stringify(results, null, 1)}\n`)
