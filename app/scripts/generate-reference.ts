import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { configurationSchema, referencePage } from '@onsignup/config'
import { isPlugin, type Plugin } from '@onsignup/core'
import { SOURCES } from '@onsignup/sources'
import { BUILT_IN, resolvePlugin } from '../src/plugins.ts'
import { ERROR_PAGES, withErrorTable } from './error-tables.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

const plugins: Plugin[] = []
for (const name of BUILT_IN) {
  const usable = await resolvePlugin(name, ROOT)
  if (isPlugin(usable)) plugins.push(usable)
}

const sources = Object.fromEntries(
  Object.entries(SOURCES).map(([provider, { options }]) => [provider, options]),
)

const errorPages: Record<string, string> = {}
for (const [name, classes] of Object.entries(ERROR_PAGES)) {
  errorPages[name] = withErrorTable(await readFile(`${ROOT}${name}`, 'utf8'), classes)
}

const pages: Readonly<Record<string, string>> = {
  ...errorPages,
  'config/schema.json': `${JSON.stringify(configurationSchema(plugins, sources), null, 2)}\n`,
  'docs/configuration.md': referencePage(plugins, sources),
}

for (const [name, text] of Object.entries(pages)) {
  const file = `${ROOT}${name}`
  if (!values.check) {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`${name} is not what the plugins say: run node app/scripts/generate-reference.ts\n`)
    process.exitCode = 1
  }
}
