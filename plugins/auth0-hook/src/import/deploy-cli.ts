import { basename } from 'node:path'
import { isFields, listOf, parseExport, textOf, type Fields } from './document.ts'
import { scriptOrFile, type Binding, type Entries, type Entry } from './entries.ts'
import { RefusalError } from './errors.ts'
import { folderOf, type ExportFolder } from './folder.ts'
import { MAP_IT, markersIn, replaceKeywords, type Mappings } from './keywords.ts'

/** The keys of a tenant.yaml that hold what can be imported. */
const SECTIONS = ['hooks', 'actions', 'triggers']

export const isTenant = (value: unknown): value is Fields =>
  isFields(value) && SECTIONS.some((section) => value.has(section))

const bindingsOf = (value: unknown, where: string): readonly Binding[] | undefined => {
  if (!isFields(value)) return undefined
  return [...value].map(([trigger, bound]) => ({
    trigger,
    where: `${where} ${trigger}`,
    actions: listOf(bound).flatMap((each) => {
      const name = isFields(each) ? textOf(each.get('action_name')) : undefined
      return name === undefined ? [] : [name]
    }),
    isPartial: textOf(bound) !== undefined,
  }))
}

/** The items of a section, which are mappings. Throws RefusalError. */
export const itemsOf = (value: unknown, where: string): readonly (readonly [Fields, string])[] => {
  if (value === undefined || value === null) return []
  const [marker] = markersIn(textOf(value) ?? '')
  if (marker !== undefined) throw new RefusalError(where, `${marker.marker} was not replaced`, MAP_IT)
  if (!Array.isArray(value)) throw new RefusalError(where, 'it is no list', 'export it again')
  return value.map((item: unknown, index) => {
    const place = `${where}[${index}]`
    if (!isFields(item)) throw new RefusalError(place, 'it is no mapping', 'export it again')
    return [item, place]
  })
}

const nameOf = (value: Fields): string => textOf(value.get('name')) ?? ''

/** Reads `tenant.yaml` with the scripts that it names, whose paths are relative to it. Throws RefusalError. */
export const readTenant = async (
  folder: ExportFolder,
  file: string,
  mappings: Mappings,
): Promise<Entries | undefined> => {
  const text = await folder.document(file)
  const tenant = parseExport(text, file, mappings)
  if (!isTenant(tenant)) return undefined
  const base = folderOf(file)
  const entry =
    (what: Entry['what']) =>
    ([value, where]: readonly [Fields, string]): Entry => ({
      what,
      value,
      where,
      key: nameOf(value),
      remarks: [],
      script: scriptOrFile(what, where, async (path) =>
        replaceKeywords(await folder.script(base, path, where), mappings),
      ),
    })
  return {
    format: 'deploy-cli YAML',
    entries: [
      ...itemsOf(tenant.get('hooks'), `${file} hooks`).map(entry('hook')),
      ...itemsOf(tenant.get('actions'), `${file} actions`).map(entry('action')),
    ],
    bindings: bindingsOf(tenant.get('triggers'), `${file} triggers`),
  }
}

/** Where an Action's code is. Older deploy-cli wrote its path from where it was started, so that only its end is of the export. */
const withinExport = async (folder: ExportFolder, code: string): Promise<string> => {
  const path = code.replaceAll('\\', '/')
  if ((await folder.names(folderOf(path))).includes(basename(path))) return path
  return /(?:^|\/)(actions\/[^/]+\/[^/]+)$/.exec(path)?.[1] ?? path
}

const jsonFiles = async (folder: ExportFolder, name: string): Promise<readonly string[]> =>
  (await folder.names(name)).filter((file) => file.endsWith('.json')).map((file) => `${name}/${file}`)

/** Reads `hooks/*.json`, `actions/*.json` and `triggers/*.json` with their scripts. Throws RefusalError. */
export const readDirectory = async (
  folder: ExportFolder,
  mappings: Mappings,
): Promise<Entries | undefined> => {
  const [hooks, actions, triggers] = await Promise.all(SECTIONS.map((section) => jsonFiles(folder, section)))
  if (hooks === undefined || actions === undefined || hooks.length + actions.length === 0) return undefined
  const entry = async (what: Entry['what'], file: string): Promise<Entry> => {
    const text = await folder.document(file)
    const value = parseExport(text, file, mappings)
    if (!isFields(value)) throw new RefusalError(file, 'it is no mapping', 'export it again')
    const script = async (path: string) =>
      what === 'hook'
        ? folder.script('hooks', path, file)
        : folder.script('.', await withinExport(folder, path), file)
    return {
      what,
      value,
      where: file,
      key: nameOf(value),
      remarks: [],
      script: scriptOrFile(what, file, async (path) => replaceKeywords(await script(path), mappings)),
    }
  }
  const [trigger] = triggers ?? []
  return {
    format: 'deploy-cli directory',
    entries: await Promise.all([
      ...hooks.map((file) => entry('hook', file)),
      ...actions.map((file) => entry('action', file)),
    ]),
    bindings:
      trigger === undefined
        ? undefined
        : bindingsOf(parseExport(await folder.document(trigger), trigger, mappings), trigger),
  }
}
