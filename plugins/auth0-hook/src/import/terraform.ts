import { fieldsOf, isFields, listOf, parseExport, textOf, type Fields } from './document.ts'
import type { Binding, Entries, Entry } from './entries.ts'
import { NotTakenError, RefusalError } from './errors.ts'
import { folderOf, type ExportFolder } from './folder.ts'
import { parseHcl } from './hcl.ts'
import {
  BINDINGS,
  blocksOf,
  evaluated,
  isExpression,
  isOn,
  knownIn,
  unescaped,
  type Known,
} from './terraform-values.ts'

/** A `.tf` or `.tf.json` file, parsed. */
interface TerraformFile {
  readonly file: string
  readonly fields: Fields
}

interface Resource {
  readonly address: string
  readonly value: Fields
  readonly source: TerraformFile
}

const resourcesOf = (files: readonly TerraformFile[], type: string): readonly Resource[] =>
  files.flatMap((source) =>
    blocksOf(source.fields.get('resource'))
      .flatMap((types) => blocksOf(types.get(type)))
      .flatMap((labels) => [...labels])
      .flatMap(([label, value]) =>
        blocksOf(value).map((block) => ({ address: `${type}.${label}`, value: block, source })),
      ),
  )

// Nothing may stand beside the call, and nothing within it be computed.
const FILE = /^\$\{\s*(file|templatefile)\(\s*"((?:[^"\\]|\\.)*)"\s*(?:,(?:(?!\$\{)[^])*)?\)\s*\}$/

const computed = (): NotTakenError =>
  new NotTakenError(
    'its script is computed by Terraform, which is not run here',
    'import the state, which has the result: terraform show -json > state.json',
  )

/** The text of the script. Throws RefusalError and NotTakenError. */
const scriptOf = async (
  { address, value, source }: Resource,
  attribute: string,
  folder: ExportFolder,
  known: Known,
): Promise<string> => {
  const where = `${source.file} ${address}`
  const written = textOf(value.get(attribute))
  if (written === undefined) throw new RefusalError(where, `it has no ${attribute}`, 'write it, or remove it')
  const [, how, path] = FILE.exec(written) ?? []
  if (path === undefined) {
    const script = evaluated(written, known)
    if (script === undefined) throw computed()
    return script
  }
  const named = evaluated(path.replaceAll(/\$\{path\.(?:module|root|cwd)\}/g, '.'), known)
  if (named === undefined) throw computed()
  const text = await folder.script(folderOf(source.file), named, where)
  if (how === 'file') return text
  if (isExpression(text)) throw computed()
  return unescaped(text)
}

/** Blocks of `name` and a second attribute as the Management API has them. */
const pairsOf = (value: unknown, other: string): readonly Fields[] =>
  blocksOf(value).map((block) => new Map(['name', other].map((key) => [key, block.get(key)])))

const remarksOf = (value: Fields, on: string, known: Known): readonly string[] => [
  ...(value.has(on) && isOn(value.get(on), known) === undefined
    ? [`whether it is on is computed by Terraform (${on}); it is off here`]
    : []),
  ...(value.has('count') || value.has('for_each') ? ['Terraform makes several of it; one was taken'] : []),
  ...(value.has('dynamic') ? ['it has dynamic blocks, whose secrets and dependencies are not known'] : []),
]

/** A resource in the words of the Management API. */
const entryOf = (what: Entry['what'], resource: Resource, folder: ExportFolder, known: Known): Entry => {
  const { address, value, source } = resource
  const where = `${source.file} ${address}`
  const label = address.slice(address.indexOf('.') + 1)
  const name = evaluated(value.get('name'), known) ?? label
  const triggers = blocksOf(value.get('supported_triggers')).map(
    (block): Fields => new Map([['id', evaluated(block.get('id'), known)]]),
  )
  const fields =
    what === 'hook'
      ? {
          name,
          triggerId: evaluated(value.get('trigger_id'), known),
          enabled: isOn(value.get('enabled'), known) ?? false,
          dependencies: value.get('dependencies'),
          secrets: value.get('secrets'),
        }
      : {
          name,
          supported_triggers: triggers,
          deployed: isOn(value.get('deploy'), known) ?? false,
          dependencies: pairsOf(value.get('dependencies'), 'version'),
          secrets: pairsOf(value.get('secrets'), 'value'),
        }
  return {
    what,
    value: new Map(Object.entries(fields)),
    where,
    key: address,
    remarks: remarksOf(value, what === 'hook' ? 'enabled' : 'deploy', known),
    script: () => scriptOf(resource, what === 'hook' ? 'script' : 'code', folder, known),
  }
}

const REFERENCE = /\bauth0_action\.[\w-]+/

const referenceOf = (value: unknown): readonly string[] => {
  const address = REFERENCE.exec(textOf(value) ?? '')?.[0]
  return address === undefined ? [] : [address]
}

const bindingsOf = (files: readonly TerraformFile[], known: Known): readonly Binding[] | undefined => {
  const resources = BINDINGS.flatMap((type) => resourcesOf(files, type))
  if (resources.length === 0) return undefined
  return resources.map(({ address, value, source }) => ({
    trigger: evaluated(value.get('trigger'), known) ?? '',
    where: `${source.file} ${address}`,
    actions: [
      ...listOf(value.get('actions')).flatMap((each) => (isFields(each) ? referenceOf(each.get('id')) : [])),
      ...referenceOf(value.get('action_id')),
    ],
  }))
}

const parseFile = async (folder: ExportFolder, file: string): Promise<readonly TerraformFile[]> => {
  const text = await folder.document(file)
  // Parsing takes a while, and most files of a folder have nothing to do with it.
  if (!/auth0_|\b(?:locals|variable)\b/.test(text)) return []
  const fields = file.endsWith('.json')
    ? parseExport(text, file, {})
    : fieldsOf(await parseHcl(text, file), file)
  return isFields(fields) ? [{ file, fields }] : []
}

/** Reads the `auth0_hook` and `auth0_action` resources of Terraform files with their bindings. Throws RefusalError. */
export const readTerraform = async (
  folder: ExportFolder,
  paths: readonly string[],
): Promise<Entries | undefined> => {
  const files = (await Promise.all(paths.map((file) => parseFile(folder, file)))).flat()
  const known = knownIn(files.map(({ fields }) => fields))
  const entries = [
    ...resourcesOf(files, 'auth0_hook').map((each) => entryOf('hook', each, folder, known)),
    ...resourcesOf(files, 'auth0_action').map((each) => entryOf('action', each, folder, known)),
  ]
  if (entries.length === 0) return undefined
  return { format: 'Terraform', entries, bindings: bindingsOf(files, known) }
}
