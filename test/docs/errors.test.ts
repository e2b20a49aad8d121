import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ERROR_CODES, PUBLISH_ERROR_CODES } from '@onsignup/core/engine'
import { expect, test } from 'vitest'
import { ROOT } from '../support/program.ts'

/** The codes of the tables under a heading of docs/errors.md. */
const documented = async (heading: string): Promise<readonly string[]> => {
  const page = await readFile(join(ROOT, 'docs/errors.md'), 'utf8')
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(({ 1: code = '' }) => code)
}

// Thrown on top of core's: config/src/finding.ts, app/src/plugins.ts, app/src/sources.ts, and import/errors.ts of the Auth0 Hook plugin.
const OF_THE_PROGRAM = [
  'configuration_invalid',
  'plugin_unknown',
  'plugin_unloadable',
  'plugin_invalid',
  'source_unknown',
  'export_unreadable',
  'export_unknown',
  'export_refused',
]

test('every code of an OnSignupError is documented, and no other', async () => {
  expect((await documented('Codes of OnSignupError')).toSorted()).toEqual(
    [...ERROR_CODES, ...OF_THE_PROGRAM].toSorted(),
  )
})

test('every code of a PublishError is documented, and no other', async () => {
  expect((await documented('Codes of PublishError')).toSorted()).toEqual([...PUBLISH_ERROR_CODES].toSorted())
})
