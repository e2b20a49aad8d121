import { posix } from 'node:path'
import { fieldsOf, isFields, parseExport, textOf, type Fields } from './document.ts'
import { endsIn, folderOf, type ExportFolder } from './folder.ts'
import { parseHcl } from './hcl.ts'
import { blocksOf } from './terraform-values.ts'

/** Files that say what Terraform makes. */
export const TERRAFORM = ['.tf', '.tf.json']
/** Files that give values to variables. */
export const TERRAFORM_VALUES = ['.tfvars', '.tfvars.json']

/** A file of Terraform's, parsed. */
export interface TerraformFile {
  readonly file: string
  readonly fields: Fields
}

/** A resource with its address within its module, as `auth0_action.welcome`. */
export interface Resource {
  readonly address: string
  readonly value: Fields
  readonly source: TerraformFile
}

/** The resources of a type. */
export const resourcesOf = (files: readonly TerraformFile[], type: string): readonly Resource[] =>
  files.flatMap((source) =>
    blocksOf(source.fields.get('resource'))
      .flatMap((types) => blocksOf(types.get(type)))
      .flatMap((labels) => [...labels])
      .flatMap(([label, value]) =>
        blocksOf(value).map((block) => ({ address: `${type}.${label}`, value: block, source })),
      ),
  )

/** Where a resource is found by its address: addresses are of a folder, which is a module of its own. */
export const keyOf = (address: string, { file }: TerraformFile): string => {
  const folder = folderOf(file)
  return folder === '.' ? address : `${folder}/${address}`
}

const isValues = (file: string): boolean => endsIn(file, TERRAFORM_VALUES)

const parseFile = async (folder: ExportFolder, file: string): Promise<readonly TerraformFile[]> => {
  const text = await folder.document(file)
  // Parsing takes a while, and most files of a folder have nothing to do with it.
  if (!isValues(file) && !/auth0_|\b(?:locals|variable)\b|\bmodule\s*"/.test(text)) return []
  const fields = file.endsWith('.json')
    ? parseExport(text, file, {})
    : fieldsOf(await parseHcl(text, file), file)
  return isFields(fields) ? [{ file, fields }] : []
}

/** A folder of Terraform's, and what others give to its variables. */
export interface TerraformModule {
  readonly files: readonly TerraformFile[]
  /** Values of variables, from files of values and from calls of the module. */
  readonly given: readonly Fields[]
}

const callsOf = ({ file, fields }: TerraformFile, folder: string): readonly Fields[] =>
  blocksOf(fields.get('module'))
    .flatMap((labels) => [...labels.values()])
    .flatMap(blocksOf)
    .filter((call) => {
      const source = textOf(call.get('source'))
      return source !== undefined && folderOf(posix.join(folderOf(file), source, 'main.tf')) === folder
    })

/** Reads files of Terraform's, each folder as a module. Throws RefusalError. */
export const readModules = async (
  folder: ExportFolder,
  paths: readonly string[],
): Promise<readonly TerraformModule[]> => {
  const all = (await Promise.all(paths.map((file) => parseFile(folder, file)))).flat()
  const files = all.filter(({ file }) => !isValues(file))
  const values = all.filter(({ file }) => isValues(file)).map(({ fields }) => fields)
  return [...Map.groupBy(files, ({ file }) => folderOf(file))].map(([place, own]) => ({
    files: own,
    given: [...values, ...files.flatMap((file) => callsOf(file, place))],
  }))
}
