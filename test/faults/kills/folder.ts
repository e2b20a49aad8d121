import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createFolder, type Folder } from '../../support/folder.ts'

/** Attempts that each connector may have under way. */
export const CONCURRENCY = 32
/** Longest time between a far side's 500 and the next try, in milliseconds. */
export const LONGEST_BACKOFF = 100

const connector = (name: string, url: string, repeats: string, onUnknown: string) => `
  ${name}:
    uses: ./connector.ts
    with: { url: '${url}', repeats: ${repeats} }
    concurrency: ${CONCURRENCY}
    on_unknown: ${onUnknown}
    retry: { max_attempts: 1000, initial: 20ms, max: ${LONGEST_BACKOFF}ms }`

const configuration = (url: string) => `
server: { port: 0, grace: 8s }
store: ./onsignup.db
connectors:${connector('harmless', url, 'harmless', 'retry')}${connector('retrying', url, 'harmful', 'retry')}${connector('holding', url, 'harmful', 'hold')}
`

/** The connectors of the configuration; only `holding` may rest as unknown, and it must never be sent twice. */
export const CONNECTORS = ['harmless', 'retrying', 'holding'] as const

/** A folder with the configuration and the plugin, both as a user would write them. */
export const prepareFolder = async (url: string): Promise<Folder> => {
  const folder = await createFolder()
  await folder.write('connector.ts', await readFile(join(import.meta.dirname, 'connector.ts'), 'utf8'))
  await folder.write('onsignup.yaml', configuration(url))
  return folder
}
