import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { visible, type ExportedScript, type PlannedConnector } from '@onsignup/auth0-hook/import'
import { addConnectors, type NewConnector } from '@onsignup/config'
import { CommandError, EXIT } from '../output.ts'
import { textsOf, type Target } from './place.ts'

/** A file that an import makes or changes. */
export interface Write {
  /** Absolute. */
  readonly path: string
  readonly text: string
  readonly how: 'new' | 'changed' | 'overwritten' | 'unchanged'
}

const title = ({ what, name }: ExportedScript): string =>
  `Auth0 ${what === 'hook' ? 'Hook' : 'Action'} ${JSON.stringify(visible(name))}`

const IN_ORDER = [
  'At Auth0 the Actions ran one after the other, in this order, within 20 s together. Here each runs by itself, at the',
  'same time as the others, with retries and a timeout of its own.',
]

const commentOf = (script: ExportedScript, isFirstOfMany: boolean): readonly string[] => [
  ...(isFirstOfMany ? IN_ORDER : []),
  script.on ? title(script) : `${title(script)}, off at Auth0: to run it, take the # away`,
]

const newConnectors = (planned: readonly PlannedConnector[], target: Target): readonly NewConnector[] => {
  const actions = planned.filter(({ script }) => script.what === 'action' && script.on)
  const added = planned.filter(({ isThere }) => !isThere)
  return added
    .toSorted((a, b) => Number(b.script.on) - Number(a.script.on))
    .map(({ name, file, secrets, script }) => ({
      name,
      uses: 'auth0-hook',
      with: {
        script: target.scriptPath(file),
        ...(secrets.length > 0 && {
          secrets: Object.fromEntries(secrets.map((secret) => [secret.name, `\${${secret.variable}}`])),
        }),
        ...(script.dependencies.size > 0 && { dependencies: Object.fromEntries(script.dependencies) }),
      },
      comment: commentOf(script, actions.length > 1 && actions[0]?.script === script),
      on: script.on,
    }))
}

/** What a connector that is there already lacks of its script's export. */
export const lacks = ({ name, secrets, script }: PlannedConnector, target: Target): readonly string[] => {
  const connector = target.written(name)
  if (connector === undefined) return []
  const has = textsOf(connector.with['secrets'])
  const modules = textsOf(connector.with['dependencies'])
  return [
    ...secrets
      .filter((each) => !has.has(each.name))
      .map((each) => `secrets.${each.name}: \${${each.variable}}`),
    ...[...script.dependencies]
      .filter(([module, version]) => modules.get(module) !== version)
      .map(([module, version]) => `dependencies.${module}: ${version}`),
  ]
}

const HEAD =
  '# What the connectors of onsignup.yaml read. Copy to .env and fill in; .env belongs into no repository.\n'

/** The variables' file with those that it does not have yet. */
const environmentText = (before: string, planned: readonly PlannedConnector[]): string => {
  const has = new Set(
    [...before.matchAll(/^[ \t]*(?:#[ \t]*)?(?:export[ \t]+)?(\w+)[ \t]*=/gm)].map(([, name]) => name),
  )
  let text = before === '' ? HEAD : before
  for (const { name, secrets } of planned) {
    const missing = [...new Set(secrets.map(({ variable }) => variable))].filter(
      (variable) => !has.has(variable),
    )
    if (missing.length === 0) continue
    for (const variable of missing) has.add(variable)
    text += `${text.endsWith('\n') ? '' : '\n'}\n# ${name}\n${missing.map((variable) => `${variable}=\n`).join('')}`
  }
  return text === HEAD ? before : text
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

const readIfThere = async (path: string): Promise<string | undefined> => {
  const unusable = (why: string): CommandError =>
    new CommandError(EXIT.usage, `${path} ${why}`, 'move what is there away, or name another --into')
  try {
    if (!(await lstat(path)).isFile()) throw unusable('is there, and is no file')
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof CommandError) throw error
    if (codeOf(error) === 'ENOENT') return undefined
    throw unusable(`cannot be read (${codeOf(error)})`)
  }
}

const scriptWrite = async (path: string, text: string, force: boolean): Promise<Write | 'differs'> => {
  const before = await readIfThere(path)
  if (before === undefined) return { path, text, how: 'new' }
  if (before === text) return { path, text, how: 'unchanged' }
  return force ? { path, text, how: 'overwritten' } : 'differs'
}

/**
 * Every file of an import, before any is written: scripts, then `.env.example`, then the configuration. Throws CommandError when a
 * script is there already and differs, unless `force`.
 */
export const writesOf = async (
  planned: readonly PlannedConnector[],
  target: Target,
  force: boolean,
): Promise<readonly Write[]> => {
  const scripts: Write[] = []
  const differing: string[] = []
  for (const { file, script } of planned) {
    const path = resolve(target.into, file)
    const write = await scriptWrite(path, script.source, force)
    if (write === 'differs') differing.push(path)
    else scripts.push(write)
  }
  if (differing.length > 0) {
    const files = differing.map((path) => `  ${path}`).join('\n')
    throw new CommandError(
      EXIT.usage,
      `other scripts are there already, and nothing was written:\n${files}`,
      'compare them with the export; --force overwrites them, --into names another folder',
    )
  }
  const example = join(dirname(target.config), '.env.example')
  const before = await readIfThere(example)
  const texts = [
    { path: example, before, text: environmentText(before ?? '', planned) },
    {
      path: target.config,
      before: target.source === '' ? undefined : target.source,
      text: addConnectors(target.source, newConnectors(planned, target), target.config),
    },
  ]
  return [
    ...scripts,
    ...texts
      .filter(({ text }) => text !== '')
      .map(({ path, before, text }): Write => ({
        path,
        text,
        how: before === undefined ? 'new' : before === text ? 'unchanged' : 'changed',
      })),
  ]
}

const write = async ({ path, text, how }: Write): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true })
    // One that came to be since the plan was made is somebody else's.
    await writeFile(path, text, { flag: how === 'new' ? 'wx' : 'w' })
  } catch (error) {
    const mend = 'correct that and import again: what was written before it stays, and is recognised'
    throw new CommandError(EXIT.failed, `${path} cannot be written (${codeOf(error)})`, mend)
  }
}

/** Writes what is new or has changed, in order: the configuration comes last. Throws CommandError. */
export const writeAll = async (writes: readonly Write[]): Promise<void> => {
  for (const each of writes) if (each.how !== 'unchanged') await write(each)
}
