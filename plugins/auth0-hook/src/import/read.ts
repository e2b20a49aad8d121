import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { isTenant, readDirectory, readTenant } from './deploy-cli.ts'
import { parseExport } from './document.ts'
import type { Entries } from './entries.ts'
import { ExportError, refused, RefusalError } from './errors.ts'
import { endsIn, openFolder, type ExportFolder } from './folder.ts'
import type { Mappings } from './keywords.ts'
import { readAnswers } from './management-api.ts'
import { readState } from './terraform-state.ts'
import { TERRAFORM, TERRAFORM_VALUES } from './terraform-files.ts'
import { readTerraform } from './terraform.ts'

const TENANTS = ['tenant.yaml', 'tenant.yml']

const LOOKED_FOR = [
  'a deploy-cli YAML export: tenant.yaml with hooks:, actions: or triggers:',
  'a deploy-cli directory export: hooks/*.json or actions/*.json',
  'answers of the Management API: a JSON file with a hook, an Action, or a list of them, scripts included',
  'Terraform: .tf files with auth0_hook or auth0_action resources',
  "a state of Terraform's that has them: what terraform show -json prints, or terraform.tfstate",
]

const unknown = (path: string): ExportError =>
  new ExportError(
    'export_unknown',
    `${path} holds no Auth0 export; looked for:\n  ${LOOKED_FOR.join('\n  ')}`,
    {
      mend: 'name the folder of the export, or its file; a script alone is named by with.script of a connector',
    },
  )

const HCL = /^\s*(?:resource|variable|terraform|provider|locals|module|data|output)\b[^\n]*\{/m

const readFile = async (
  folder: ExportFolder,
  file: string,
  mappings: Mappings,
): Promise<Entries | undefined> => {
  if (endsIn(file, TERRAFORM)) {
    const values = (await folder.names('')).filter((name) => endsIn(name, TERRAFORM_VALUES))
    return readTerraform(folder, [file, ...values])
  }
  const text = await folder.document(file)
  const isJson = /^\s*[{[]/.test(text)
  if (HCL.test(text) && !isJson) return readTerraform(folder, [file])
  // A script is nearly YAML, and "line 3 is no YAML" helps nobody who named one.
  if (/\.[cm]?[jt]s$/.test(file)) return undefined
  const value = parseExport(text, file, mappings)
  if (isJson) return readState(value, file) ?? readAnswers(value, folder, file, mappings)
  return isTenant(value) ? readTenant(folder, file, mappings) : undefined
}

const readFolder = async (
  folder: ExportFolder,
  path: string,
  mappings: Mappings,
): Promise<Entries | undefined> => {
  const here = await folder.names('')
  const tenant = TENANTS.find((name) => here.includes(name))
  const found = [
    tenant === undefined ? undefined : await readTenant(folder, tenant, mappings),
    await readDirectory(folder, mappings),
    await readTerraform(folder, await folder.below([...TERRAFORM, ...TERRAFORM_VALUES])),
  ].filter((entries) => entries !== undefined)
  if (found.length > 1) {
    const formats = found.map(({ format }) => format).join(' and ')
    throw new ExportError('export_refused', `${path} holds more than one export: ${formats}`, {
      mend: 'name the file or the folder of the one to take',
    })
  }
  return found[0]
}

/**
 * Reads an export of Auth0, whatever form it has: found by what is in it. A file may name scripts in its own folder and below.
 * Throws ExportError.
 */
export const readExport = async (path: string, mappings: Mappings): Promise<Entries> => {
  const kind = await stat(path).catch((cause: unknown) => {
    throw new ExportError('export_unreadable', `${path} cannot be read`, {
      mend: 'name the folder or the file of an Auth0 export',
      cause,
    })
  })
  try {
    const entries = kind.isDirectory()
      ? await readFolder(await openFolder(path), path, mappings)
      : await readFile(await openFolder(dirname(path)), basename(path), mappings)
    if (entries !== undefined) return entries
  } catch (error) {
    if (error instanceof RefusalError) throw refused(path, [error.refusal])
    throw error
  }
  throw unknown(path)
}
