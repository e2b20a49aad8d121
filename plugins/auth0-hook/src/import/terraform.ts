import { textOf, type Fields } from './document.ts'
import type { Entries, Entry } from './entries.ts'
import { NotTakenError, RefusalError } from './errors.ts'
import { folderOf, type ExportFolder } from './folder.ts'
import { bindingsOf } from './terraform-bindings.ts'
import { keyOf, readModules, resourcesOf, type Resource } from './terraform-files.ts'
import {
  blocksOf,
  evaluated,
  isExpression,
  isNone,
  isOn,
  knownIn,
  unescaped,
  type Known,
} from './terraform-values.ts'

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

/** An attribute that is a mapping, or a block, as older files write it. */
const mappingOf = (value: unknown): Fields => new Map(blocksOf(value).flatMap((block) => [...block]))

const remarksOf = (value: Fields, on: string, known: Known): readonly string[] => [
  ...(value.has(on) && isOn(value.get(on), known) === undefined
    ? [`whether it is on is computed by Terraform (${on}); it is off here`]
    : []),
  ...(value.has('for_each') || (value.has('count') && evaluated(value.get('count'), known) !== '1')
    ? ['how many Terraform makes of it is not known here; one was taken']
    : []),
  ...['secrets', 'dependencies']
    .filter((key) => textOf(value.get(key)) !== undefined)
    .map((key) => `its ${key} are computed by Terraform, and are not known here`),
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
          dependencies: mappingOf(value.get('dependencies')),
          secrets: mappingOf(value.get('secrets')),
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
    key: keyOf(address, source),
    remarks: remarksOf(value, what === 'hook' ? 'enabled' : 'deploy', known),
    async script() {
      if (isNone(value, known)) {
        const mend = 'nothing is to be done: it did not run at Auth0 either'
        throw new NotTakenError('Terraform makes none of it', mend)
      }
      return scriptOf(resource, what === 'hook' ? 'script' : 'code', folder, known)
    },
  }
}

/** Reads the `auth0_hook` and `auth0_action` resources of Terraform files with their bindings. Throws RefusalError. */
export const readTerraform = async (
  folder: ExportFolder,
  paths: readonly string[],
): Promise<Entries | undefined> => {
  const modules = (await readModules(folder, paths)).map(({ files, given }) => {
    const known = knownIn(
      files.map(({ fields }) => fields),
      given,
    )
    return {
      entries: (['hook', 'action'] as const).flatMap((what) =>
        resourcesOf(files, `auth0_${what}`).map((each) => entryOf(what, each, folder, known)),
      ),
      bindings: bindingsOf(files, known),
    }
  })
  const entries = modules.flatMap((module) => module.entries)
  if (entries.length === 0) return undefined
  const bindings = modules.flatMap((module) => module.bindings ?? [])
  const isSilent = modules.every((module) => module.bindings === undefined)
  return { format: 'Terraform', entries, bindings: isSilent ? undefined : bindings }
}
