import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { plan, readAuth0Export, readMappings, type Mappings } from '@onsignup/auth0-hook/import'
import { OnSignupError } from '@onsignup/core'
import { openTarget } from '../import/place.ts'
import { printImport } from '../import/report.ts'
import { writeAll, writesOf } from '../import/writes.ts'
import { EXIT, type Output } from '../output.ts'

export interface ImportOptions {
  readonly into?: string
  readonly config?: string
  readonly mappings?: string
  readonly dryRun: boolean
  readonly force: boolean
}

/** What auth0-deploy-cli reads its mappings from. */
const VARIABLE = 'AUTH0_KEYWORD_REPLACE_MAPPINGS'

const mappingsOf = async (given: string | undefined): Promise<Mappings> => {
  if (given === undefined) {
    const set = process.env[VARIABLE]
    return set === undefined || set === '' ? {} : readMappings(set, VARIABLE)
  }
  if (given.trimStart().startsWith('{')) return readMappings(given, '--mappings')
  const text = await readFile(resolve(given), 'utf8').catch((cause: unknown) => {
    throw new OnSignupError('file_unreadable', `${given} cannot be read`, {
      mend: 'name a JSON file with --mappings, or write the JSON object itself',
      cause,
    })
  })
  return readMappings(text, given)
}

/** Takes the post-user-registration scripts of an Auth0 export over: scripts, connectors and the names of secrets. */
export const importAuth0 = async (path: string, options: ImportOptions, output: Output): Promise<number> => {
  const { dryRun: isDryRun, force } = options
  const into = resolve(options.into ?? (options.config === undefined ? '.' : dirname(options.config)))
  const config = resolve(options.config ?? join(into, 'onsignup.yaml'))
  const exported = await readAuth0Export(path, await mappingsOf(options.mappings))
  const target = await openTarget(into, config)
  const planned = plan(exported.scripts, target)
  const writes = await writesOf(planned, target, force)
  if (!isDryRun) await writeAll(writes)
  printImport({ exported, planned, writes, target, isDryRun }, output)
  return planned.length > 0 ? EXIT.ok : EXIT.failed
}
